"""Tornado applications: on Darter, and on Tornado's own server."""

from __future__ import annotations

from ..model import Workload
from ..servers.darter import Darter
from ..servers.tornado import Tornado, TornadoUvloop
from .suite import Suite

TORNADO = Suite(
    name="tornado",
    description="servers of a Tornado application",
    servers=(Darter(), Tornado(), TornadoUvloop()),
    workloads=(
        Workload("hello", "Hello world, 13 bytes", "tornado_app", "/", interface="tornado"),
        Workload("ws", "WebSocket messages of 100 bytes, echoed", "tornado_app", "/ws", message_size=100, interface="tornado"),
    ),
    packages=("python3-tornado", "python3-uvloop"),
    modules=("tornado", "uvloop"),
    keep_alive="on",
)
