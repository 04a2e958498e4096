"""Servers that speak TLS 1.3 with the same certificate, and HTTP/2 to clients that offer it."""

from __future__ import annotations

from typing import List, Optional

from ..certificate import prepare
from .base import Launch
from .darter import Darter
from .nginx import Nginx, configure

_DARTER = """\
bind = ["127.0.0.1:{port}"]
certfile = ["{certificate}"]
no_control_socket = true

[[routes]]
response = {{ status = 200, body = "Hello, world!", headers = {{ Content-Type = "text/plain" }} }}
"""

_NGINX = """\
    server {{
        listen 127.0.0.1:{port} ssl http2 backlog=1024;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:tls:16m;
        location / {{ return 200 "Hello, world!"; }}
    }}"""


class DarterTls(Darter):
    """A fixed response, from the front; there are no workers."""

    title = "Darter (fixed response)"
    has_front = False
    one_process = True

    def command(self, launch: Launch) -> List[str]:
        file = launch.folder / "darter.toml"
        file.write_text(_DARTER.format(port=launch.port, certificate=prepare()))
        return [str(launch.host.darter), "run", "-c", str(file)]


class DarterTlsApplication(Darter):
    """The same response from an application."""

    name = "darter-wsgi"
    title = "Darter (WSGI)"

    def command(self, launch: Launch) -> List[str]:
        return [*super().command(launch), "--certfile", str(prepare())]


class NginxTls(Nginx):
    """``return 200``, with tickets and the session cache of its documentation."""

    def command(self, launch: Launch) -> List[str]:
        return configure(launch.folder, launch.workers, _NGINX.format(port=launch.port, certificate=prepare()))

    def not_applicable(self, workload: object, workers: int) -> Optional[str]:
        return None
