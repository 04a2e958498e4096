"""One server with all its subscribers: memory for each of them; for each message, how long it takes and the CPU time."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import List

from compare_lib.ports import free_port
from compare_lib.process import ServerProcess
from compare_lib.procfs import cpu_seconds_between, memory_of
from connections_lib.crowd import Crowd, CrowdError
from connections_lib.kinds import KINDS
from connections_lib.measure import broadcast
from connections_lib.servers import Darter, Host

from .servers import Peer

_SETTLE_SECONDS = 2.0
_WARM_UP = 100
"""Subscribers that come and go before anything is measured."""


@dataclass
class Measurement:
    server: str
    title: str
    version: str
    subscribers: int
    open_seconds: float = 0.0
    open_cpu_seconds: float = 0.0
    bytes_each: float = 0.0
    """Memory for each subscriber, of all processes."""
    rss: int = 0
    """Bytes of all processes with all subscribers."""
    broadcasts: List[List[float]] = field(default_factory=list)
    """For each message, seconds until each subscriber had it, in order."""
    cpu_seconds: float = 0.0
    """Of all processes, for all messages."""
    client_cpu_seconds: float = 0.0
    """Of the subscribers, for all messages."""


def measure(server: "Peer | Darter", host: Host, subscribers: int, messages: int) -> Measurement:
    """Starts the server, has everybody subscribe, sends messages one after the other, and ends the server."""
    kind = KINDS["sse"]
    port = free_port()
    result = Measurement(server.name, server.title, server.version(host) or "", subscribers)
    with tempfile.TemporaryDirectory(prefix="live-") as folder:
        command = server.command(host, port, 1) if isinstance(server, Darter) else server.command(host, port)
        with ServerProcess(command, port, host.interpreter.environment(), Path(folder, "log")) as process:
            with Crowd(kind, port, min(subscribers, _WARM_UP)) as crowd:
                broadcast(crowd, port)
            time.sleep(_SETTLE_SECONDS)
            memory, tree, started = _rss(process.pid), process.tree(), time.monotonic()
            with Crowd(kind, port, subscribers) as crowd:
                result.open_seconds = time.monotonic() - started
                result.open_cpu_seconds = cpu_seconds_between(tree, process.tree())
                time.sleep(_SETTLE_SECONDS)
                result.rss = _rss(process.pid)
                result.bytes_each = (result.rss - memory) / subscribers
                tree, client = process.tree(), time.process_time()
                for _ in range(messages):
                    result.broadcasts.append(broadcast(crowd, port))
                result.client_cpu_seconds = time.process_time() - client
                # What is written may be out before those who wrote it are done.
                time.sleep(_SETTLE_SECONDS)
                result.cpu_seconds = cpu_seconds_between(tree, process.tree())
            reason = process.ended()
            if reason is not None:
                raise CrowdError(reason)
    return result


def _rss(root: int) -> int:
    return sum(process.rss for process in memory_of(root)) * 1024
