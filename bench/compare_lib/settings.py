"""What is to be measured, and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from .model import Workload
from .servers.base import Server

WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Settings:
    servers: Tuple[Server, ...]
    workloads: Tuple[Workload, ...]
    workers: Tuple[int, ...]
    connections: Tuple[int, ...]
    keep_alive: Tuple[bool, ...]
    headers: str
    """"none" or "browser"."""
    rounds: int
    seconds: int
    """Of each measurement."""
    baseline: str
    """The server that the ratios are relative to."""

    def visits(self) -> int:
        """How often a server is started, checked, warmed up and measured."""
        applicable = sum(
            1
            for server in self.servers
            for workload in self.workloads
            for workers in self.workers
            if server.not_applicable(workload, workers) is None
        )
        return applicable * self.rounds

    def estimated_seconds(self) -> float:
        measurements = len(self.connections) * len(self.keep_alive)
        return self.visits() * (WARM_UP_SECONDS + 1.0 + measurements * (self.seconds + 0.2))
