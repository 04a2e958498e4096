"""A run of a load generator, and what it reports."""

from __future__ import annotations

import resource
import subprocess
from dataclasses import dataclass
from typing import Callable, List, Optional


class LoadError(Exception):
    """The load generator did not run to its end, or its output is not understood."""


@dataclass(frozen=True)
class LoadReport:
    """What a load generator printed; latencies in microseconds."""

    requests: int
    """Or messages."""
    requests_per_second: float
    p50_us: Optional[float]
    """None, as p99: the load generator does not tell."""
    p99_us: Optional[float]
    errors: Optional[str]
    """What makes the figures worthless, in words."""
    p999_us: Optional[float] = None
    """If it was asked for."""


@dataclass(frozen=True)
class LoadRun:
    report: LoadReport
    client_cpu_seconds: float


def run(line: List[str], seconds: int, parse: Callable[[str], LoadReport]) -> LoadRun:
    """Runs the command to its end, which is due after so many seconds.

    Raises LoadError.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=seconds + 30)
    except subprocess.TimeoutExpired:
        raise LoadError(f"{line[0]} did not end") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise LoadError(f"{line[0]}: {(done.stderr or done.stdout).strip()[-300:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return LoadRun(parse(done.stdout), cpu)
