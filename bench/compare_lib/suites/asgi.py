"""ASGI servers: a plain application, from a hello world to messages over WebSockets."""

from __future__ import annotations

from ..model import Workload
from ..servers.darter import Darter
from ..servers.granian import Granian
from ..servers.hypercorn import Hypercorn
from ..servers.uvicorn import Uvicorn
from .suite import Suite

ASGI = Suite(
    name="asgi",
    description="ASGI servers",
    servers=(Darter(), Uvicorn(), Hypercorn(), Granian()),
    workloads=(
        Workload("hello", "Hello world, 13 bytes", "asgi", "/", interface="asgi"),
        Workload("echo10k", "POST of 10 kB, echoed as a stream", "asgi", "/echo", post_size=10_000, interface="asgi"),
        Workload("ws", "WebSocket messages of 100 bytes, echoed", "asgi", "/ws", message_size=100, interface="asgi"),
    ),
    packages=(),
    modules=(),
)
