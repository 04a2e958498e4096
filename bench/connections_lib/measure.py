"""One server with one kind of connections: memory for each of them, and how long a broadcast takes."""

from __future__ import annotations

import socket
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import List, Tuple

from compare_lib.ports import free_port
from compare_lib.process import ServerProcess
from compare_lib.procfs import memory_of

from .crowd import Crowd, CrowdError
from .kinds import MESSAGE, Kind
from .servers import Darter, Host, Uvicorn

_SETTLE_SECONDS = 2.0


@dataclass
class Measurement:
    server: str
    kind: str
    connections: int
    open_seconds: float = 0.0
    front_bytes: float = 0.0
    """Memory for each connection, of the process that serves connections without running Python."""
    worker_bytes: float = 0.0
    """The same, of those that run the application."""
    broadcasts: List[List[float]] = field(default_factory=list)
    """For each broadcast, seconds until each client had it, in order."""


def measure(
    server: "Darter | Uvicorn", host: Host, kind: Kind, connections: int, workers: int, broadcasts: int
) -> Measurement:
    """Starts the server, opens the connections, measures, and ends it."""
    port = free_port()
    result = Measurement(server.name, kind.name, connections)
    with tempfile.TemporaryDirectory(prefix="connections-") as folder:
        log = Path(folder, "log")
        command = server.command(host, port, workers)
        with ServerProcess(command, port, host.interpreter.environment(), log) as process:
            # What the first connections make is not theirs: code is compiled, pools are filled.
            with Crowd(kind, port, min(connections, 100)):
                time.sleep(0.2)
            before = _memory(process.pid, server.has_front)
            started = time.monotonic()
            with Crowd(kind, port, connections) as crowd:
                result.open_seconds = time.monotonic() - started
                time.sleep(_SETTLE_SECONDS)
                after = _memory(process.pid, server.has_front)
                result.front_bytes = (after[0] - before[0]) / connections
                result.worker_bytes = (after[1] - before[1]) / connections
                for _ in range(broadcasts):
                    result.broadcasts.append(broadcast(crowd, port))
                    if kind.again:
                        crowd.ask_again()
                        time.sleep(_SETTLE_SECONDS)
            reason = process.ended()
            if reason is not None:
                raise CrowdError(reason)
    return result


def broadcast(crowd: Crowd, port: int) -> List[float]:
    """Sends a message to everybody; seconds until each had it, in order."""
    request = b"POST /broadcast HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sender:
        started = time.monotonic()
        sender.send(request % (len(MESSAGE), MESSAGE))
        delays = crowd.wait_for_broadcast(started)
        sender.recv(65536)
        return delays


def _memory(root: int, has_front: bool) -> Tuple[int, int]:
    """Bytes of the front and of the rest."""
    front = rest = 0
    for process in memory_of(root):
        if has_front and process.is_root:
            front += process.rss * 1024
        else:
            rest += process.rss * 1024
    return front, rest
