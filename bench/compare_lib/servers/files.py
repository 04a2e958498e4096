"""Servers of files, each with the settings its documentation recommends for that."""

from __future__ import annotations

from typing import List, Optional

from ..static_folder import PREFIX, prepare
from .base import Host, Launch, Server
from .darter import Darter
from .gunicorn import GunicornThreads
from .nginx import Nginx, configure
from .uwsgi import Uwsgi


class DarterFiles(Darter):
    """``darter files``: one process, no Python."""

    name = "darter"
    title = "Darter (files)"
    has_front = False

    def command(self, launch: Launch) -> List[str]:
        return [str(launch.host.darter), "files", str(prepare()), "-b", f"127.0.0.1:{launch.port}", "--quiet"]


class DarterStatic(Darter):
    """``darter run --static``: beside an application, which has nothing to do."""

    name = "darter-static"
    title = "Darter (run --static)"

    def command(self, launch: Launch) -> List[str]:
        return [*super().command(launch), "--static", f"{PREFIX}={prepare()}{PREFIX}"]


_NGINX = """\
    sendfile on;
    tcp_nopush on;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {root};
    }}"""


class NginxFiles(Nginx):
    name = "nginx"
    title = "nginx (sendfile)"

    def command(self, launch: Launch) -> List[str]:
        site = _NGINX.format(port=launch.port, root=prepare())
        return configure(launch.folder, launch.workers, site, "application/octet-stream")

    def not_applicable(self, workload: object, workers: int) -> Optional[str]:
        return None


class PythonFiles(Server):
    """``python -m http.server``: HTTP/1.0, and its access log cannot be turned off (it goes to a file here)."""

    name = "http.server"
    title = "python -m http.server"
    keeps_alive = False
    one_process = True

    def command(self, launch: Launch) -> List[str]:
        python = launch.host.interpreter.path
        return [python, "-m", "http.server", str(launch.port), "--bind", "127.0.0.1", "--directory", str(prepare())]

    def version(self, host: Host) -> Optional[str]:
        return host.modules.get("python")


class UwsgiFiles(Uwsgi):
    name = "uwsgi"
    title = "uWSGI (static-map)"

    def command(self, launch: Launch) -> List[str]:
        line = super().command(launch)
        start = line.index("--module")
        del line[start : start + 2]
        line.remove("--need-app")
        return [*line, "--static-map", f"/={prepare()}", "--static-index", "index.html"]


class GunicornFiles(GunicornThreads):
    """An application that serves files as WhiteNoise does."""

    name = "gunicorn"
    title = "Gunicorn (gthread, WhiteNoise-like)"
