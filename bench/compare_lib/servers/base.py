"""What the program has to know of a server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from ..interpreter import Interpreter
from ..model import Workload


@dataclass(frozen=True)
class Host:
    """Where the servers run: the interpreter, what it can import, and the Darter executable."""

    interpreter: Interpreter
    modules: Dict[str, str]
    darter: Path


@dataclass(frozen=True)
class Launch:
    """One start of a server."""

    host: Host
    workload: Workload
    port: int
    workers: int
    folder: Path
    """An empty folder for configuration and temporary files."""


class Server(ABC):
    """A server with the settings its documentation recommends for throughput, without an access log."""

    name: str
    title: str
    packages: Tuple[str, ...] = ()
    """Debian packages that provide it."""
    module: Optional[str] = None
    """The Python module it is, if it is one."""
    needs: Tuple[str, ...] = ()
    """Other Python modules that it is measured with."""
    keeps_alive = True
    """Whether it serves several requests over one connection."""
    has_front = False
    """Whether the process that is started serves connections and others run the application."""
    interface: Optional[str] = None
    """The only interface that it has, where a suite has workloads of several."""
    one_process = False
    """Whether it cannot use several processes."""

    @abstractmethod
    def command(self, launch: Launch) -> List[str]:
        """The command line; may write files to the launch's folder."""

    def version(self, host: Host) -> Optional[str]:
        """The version, "" if it is unknown, None if the server is not there."""
        if self.module is None or any(name not in host.modules for name in self.needs):
            return None
        return host.modules.get(self.module)

    def not_applicable(self, workload: Workload, workers: int) -> Optional[str]:
        """Why there is nothing to measure, or None."""
        if self.interface is not None and self.interface != workload.interface:
            return "another interface"
        return "one process only" if self.one_process and workers > 1 else None
