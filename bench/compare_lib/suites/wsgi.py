"""WSGI servers: one synchronous application, from a hello world to a Django page."""

from __future__ import annotations

from ..model import Workload
from ..servers.bjoern import Bjoern
from ..servers.cheroot import Cheroot
from ..servers.darter import Darter
from ..servers.granian import Granian
from ..servers.gunicorn import GunicornSync, GunicornThreads
from ..servers.nginx import Nginx
from ..servers.uwsgi import Uwsgi
from ..servers.waitress import Waitress
from .suite import Suite

WSGI = Suite(
    name="wsgi",
    description="WSGI servers",
    servers=(
        Darter(),
        Bjoern(),
        Granian(),
        Uwsgi(),
        GunicornSync(),
        GunicornThreads(),
        Waitress(),
        Cheroot(),
        Nginx(),
    ),
    workloads=(
        Workload("hello", "Hello world, 13 bytes", "wsgi", "/"),
        Workload("body10k", "Body of 10 kB", "wsgi", "/10k"),
        Workload("echo", "POST of 1 kB, echoed", "wsgi", "/echo", post_size=1_000),
        Workload("echo10k", "POST of 10 kB, echoed", "wsgi", "/echo", post_size=10_000),
        Workload("flask", "Flask page", "flask_app", "/"),
        Workload("django", "Django page", "django_app", "/"),
    ),
    packages=("python3-flask", "python3-django"),
    modules=("flask", "django"),
)
