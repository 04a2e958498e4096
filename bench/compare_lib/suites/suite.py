"""A set of servers that do the same work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Tuple

from ..model import Workload
from ..servers.base import Server


@dataclass(frozen=True)
class Suite:
    name: str
    description: str
    servers: Tuple[Server, ...]
    """In the order of measuring and of the tables."""
    workloads: Tuple[Workload, ...]
    packages: Tuple[str, ...]
    """Debian packages of the frameworks that the applications import."""
    modules: Tuple[str, ...]
    """What those packages let Python import."""
    tools: Tuple[Tuple[str, str], ...] = ()
    """Programs beside wrk that it needs, each with its Debian package."""
    workers: Tuple[int, ...] = (1, 2)
    """Defaults, as all that follows."""
    connections: Tuple[int, ...] = (1, 8, 64, 256)
    seconds: int = 3
    keep_alive: str = "both"
    quick_workers: int = 2
    quick_connections: int = 64
    quick_seconds: int = 1

    def server_names(self) -> List[str]:
        return [server.name for server in self.servers]

    def workload_names(self) -> List[str]:
        return [workload.name for workload in self.workloads]
