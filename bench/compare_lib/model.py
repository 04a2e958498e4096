"""The words of a comparison: what is asked for, of whom, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple


@dataclass(frozen=True)
class Workload:
    """One request, or one WebSocket message, sent over and over."""

    name: str
    title: str
    module: str
    """Module in bench/apps; its ``application`` is served."""
    path: str
    post_size: int = 0
    """Bytes of the POST body; 0 means GET."""
    message_size: int = 0
    """Bytes of a WebSocket message that the application sends back; 0 means plain HTTP."""
    interface: str = "wsgi"
    """What the application is called by: "wsgi", "asgi" or "tornado"."""
    mixed: bool = False
    """Whether one request in a hundred is for /slow, and the 99.9th percentile is of interest."""

    download_size: int = 0
    """Bytes of a file that is downloaded by one connection, again and again; 0 means many short requests."""
    is_file: bool = False
    """Whether it is one of the files of static_folder."""
    protocol: str = "http"
    """What it is asked over: "http", or over TLS "h1" or "h2"."""
    handshake: str = ""
    """"full" or "resumed" if a connection is made for each request, over TLS; "" means that handshakes are not what is measured."""

    @property
    def method(self) -> str:
        return "POST" if self.post_size else "GET"

    @property
    def is_websocket(self) -> bool:
        return self.message_size > 0

    @property
    def is_download(self) -> bool:
        return self.download_size > 0

    @property
    def is_tls(self) -> bool:
        return self.protocol != "http"

    @property
    def is_handshake(self) -> bool:
        return bool(self.handshake)

    @property
    def unit(self) -> str:
        """What is counted."""
        return "msg" if self.is_websocket else "hs" if self.is_handshake else "req"

    @property
    def probe_body(self) -> Optional[bytes]:
        """The body sent by the check before measuring: every byte value occurs, unlike in wrk's own body."""
        return bytes(index % 256 for index in range(self.post_size)) if self.post_size else None


@dataclass(frozen=True)
class Cell:
    """One combination that is measured."""

    server: str
    workload: str
    workers: int
    connections: int
    keep_alive: bool


@dataclass(frozen=True)
class ProcessMemory:
    """Memory of one server process, in KiB, from /proc/PID/smaps_rollup."""

    pid: int
    is_root: bool
    """Whether it is the process that was started, not a child of it."""
    pss: int
    rss: int


@dataclass(frozen=True)
class Sample:
    """What one run of the load generator gave."""

    requests_per_second: float
    """Or messages, of a WebSocket workload; and so below."""
    cpu_us: float
    """User and system time of all the server's processes per request, in microseconds."""
    first_cpu_us: float
    """The part of it that the process that was started used: Darter's front."""
    p50_us: Optional[float]
    p99_us: Optional[float]
    client_cpu: float
    """Share of one core that the load generator used; near 1.0 it, not the server, may be the limit."""
    memory: Tuple[ProcessMemory, ...]
    p999_us: Optional[float] = None
    """Of workloads that are mixed."""

    @property
    def pss(self) -> int:
        return sum(process.pss for process in self.memory)

    @property
    def rss(self) -> int:
        return sum(process.rss for process in self.memory)


@dataclass
class CellResult:
    """The samples of a cell, one per round, or why there are none."""

    samples: List[Sample] = field(default_factory=list)
    failure: Optional[str] = None
    not_applicable: Optional[str] = None


@dataclass
class Results:
    """Everything measured in one run of the program."""

    cells: Dict[Cell, CellResult] = field(default_factory=dict)
    startups: Dict[Tuple[str, str, int], List[float]] = field(default_factory=dict)
    """Seconds from the start to the first response, by server, application module and workers."""
    bare: Dict[str, ProcessMemory] = field(default_factory=dict)
    """The interpreter alone with the application imported, by application module."""
    interrupted: bool = False

    def cell(self, cell: Cell) -> CellResult:
        return self.cells.setdefault(cell, CellResult())

    def failures(self) -> List[Tuple[Cell, str]]:
        return [(cell, result.failure) for cell, result in self.cells.items() if result.failure is not None]
