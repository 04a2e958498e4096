"""What is to be measured, and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from .model import Workload
from .servers.base import Server

WARM_UP_SECONDS = 1
HANDSHAKES_AT_ONCE = 8
"""Processes of the client, each with one connection at a time: enough to keep a server busy."""


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
        return sum(self._visits(workload) for workload in self.workloads)

    def kinds_of_connection(self, workload: Workload) -> Tuple[bool, ...]:
        """Whether a connection is kept for the next request; a WebSocket always is, one for a handshake never."""
        if workload.is_handshake:
            return (False,)
        return (True,) if workload.is_websocket or workload.is_download or workload.is_tls else self.keep_alive

    def connections_of(self, workload: Workload) -> Tuple[int, ...]:
        """Numbers of connections; a download has one, and of handshakes only a few are made at a time."""
        if workload.is_handshake:
            return (HANDSHAKES_AT_ONCE,)
        return (1,) if workload.is_download else self.connections

    def estimated_seconds(self) -> float:
        seconds = 0.0
        for workload in self.workloads:
            measurements = len(self.connections_of(workload)) * len(self.kinds_of_connection(workload))
            seconds += self._visits(workload) * (WARM_UP_SECONDS + 1.0 + measurements * (self.seconds + 0.2))
        return seconds

    def _visits(self, workload: Workload) -> int:
        applicable = sum(
            server.not_applicable(workload, workers) is None for server in self.servers for workers in self.workers
        )
        return applicable * self.rounds
