"""The run as JSON, with every sample."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any, Dict, List

from .machine import Description
from .medians import known, middle
from .model import Results, Sample
from .paths import shorten
from .servers.base import Host
from .settings import Settings

FORMAT = 1
"""Raised when a key changes its meaning or goes."""


def to_json(suite: str, results: Results, settings: Settings, host: Host, machine: Description) -> Dict[str, Any]:
    return {
        "format": FORMAT,
        "suite": suite,
        "arguments": [shorten(argument) for argument in sys.argv[1:]],
        "interrupted": results.interrupted,
        "machine": machine,
        "python": host.modules["python"],
        "modules": {name: version for name, version in host.modules.items() if name != "python"},
        "settings": {
            "rounds": settings.rounds,
            "seconds": settings.seconds,
            "headers": settings.headers,
            "baseline": settings.baseline,
        },
        "servers": {
            server.name: {
                "title": server.title,
                "version": server.version(host),
                "keeps_alive": server.keeps_alive,
            }
            for server in settings.servers
        },
        "cells": _cells(results),
        "startup_seconds": [
            {"server": server, "application": module, "workers": workers, "median": middle(values), "rounds": values}
            for (server, module, workers), values in results.startups.items()
        ],
        "python_alone_kib": {
            module: {"pss": memory.pss, "rss": memory.rss} for module, memory in results.bare.items()
        },
    }


def _cells(results: Results) -> List[Dict[str, Any]]:
    return [
        {
            **asdict(cell),
            "failure": result.failure,
            "not_applicable": result.not_applicable,
            "median": _medians(result.samples) if result.samples and result.failure is None else None,
            "rounds": [_sample(sample) for sample in result.samples],
        }
        for cell, result in results.cells.items()
    ]


def _medians(samples: List[Sample]) -> Dict[str, Any]:
    flat = [_sample(sample) for sample in samples]
    return {key: middle(known([sample[key] for sample in flat])) for key in flat[0] if key != "processes"}


def _sample(sample: Sample) -> Dict[str, Any]:
    return {
        "requests_per_second": sample.requests_per_second,
        "cpu_us": sample.cpu_us,
        "first_cpu_us": sample.first_cpu_us,
        "p50_us": sample.p50_us,
        "p99_us": sample.p99_us,
        **({} if sample.p999_us is None else {"p999_us": sample.p999_us}),
        "client_cpu": sample.client_cpu,
        "pss_kib": sample.pss,
        "rss_kib": sample.rss,
        "processes": [
            {"first": process.is_root, "pss_kib": process.pss, "rss_kib": process.rss} for process in sample.memory
        ],
    }
