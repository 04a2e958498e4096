"""Servers that pass requests on to another one: to ``backend``."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

from ..backend import prepare
from .base import Launch
from .darter import Darter
from .nginx import Nginx, configure
from .uwsgi import Uwsgi

_DARTER = """\
bind = ["127.0.0.1:{port}"]
no_control_socket = true

[upstreams.backend]
destinations = ["unix:{socket}"]

[[routes]]
upstream = "backend"
"""


class DarterProxy(Darter):
    """A route to an upstream; there are no workers."""

    title = "Darter (upstream)"
    has_front = False
    one_process = True

    def command(self, launch: Launch) -> List[str]:
        file = launch.folder / "darter.toml"
        file.write_text(_DARTER.format(port=launch.port, socket=prepare()))
        return [str(launch.host.darter), "run", "-c", str(file)]


_NGINX = """\
    upstream backend {{
        server unix:{socket};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}"""


class NginxProxy(Nginx):
    """``proxy_pass`` over connections that are kept."""

    title = "nginx (proxy_pass)"

    def command(self, launch: Launch) -> List[str]:
        return configure(launch.folder, launch.workers, _NGINX.format(port=launch.port, socket=prepare()))

    def not_applicable(self, workload: object, workers: int) -> Optional[str]:
        return None


class UwsgiRouter(Uwsgi):
    """uWSGI's http router. It speaks uwsgi's own protocol to what is behind it, so that this is a worker with the same answer."""

    name = "uwsgi"
    title = "uWSGI (http router and worker)"

    def command(self, launch: Launch) -> List[str]:
        line = super().command(launch)
        line[line.index("--http-socket")] = "--http"
        if Path("/usr/lib/uwsgi/plugins/http_plugin.so").exists():
            line[1:1] = ["--plugin", "http"]
        return line
