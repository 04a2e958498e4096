"""Tails: most requests are fast and a few slow; who waits behind whom."""

from __future__ import annotations

from ..model import Workload
from ..servers.darter import Darter, DarterThreads
from ..servers.gunicorn import GunicornOneProcess
from ..servers.uvicorn import Uvicorn
from ..servers.uwsgi import Uwsgi
from .suite import Suite

TAIL = Suite(
    name="tail",
    description="tails: 99 % of requests take 1 ms, 1 % take 500 ms, on 4 workers or threads",
    servers=(Darter(), DarterThreads(), GunicornOneProcess(), Uwsgi(), Uvicorn()),
    workloads=(
        Workload("wsgi", "99 % of 1 ms, 1 % of 500 ms; WSGI", "tail", "/", mixed=True),
        Workload("asgi", "99 % of 1 ms, 1 % of 500 ms; ASGI that blocks", "tail_asgi", "/", interface="asgi", mixed=True),
    ),
    packages=(),
    modules=(),
    workers=(4,),
    connections=(4, 8, 16),
    seconds=20,
    quick_workers=4,
    quick_connections=8,
    quick_seconds=5,
    keep_alive="on",
)
