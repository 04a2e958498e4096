from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import List, Optional

from .base import Host, Launch, Server

_BACKLOG = 1024


class Uwsgi(Server):
    """uWSGI with its own HTTP parser in the workers.

    http-socket has no keep-alive. The alternatives are worse: http11-socket ties each worker to one connection and
    lets all others wait, and the HTTP router (``--http``) is another process before the workers, which costs more
    than new connections do. The header added tells the client that the connection ends, which http-socket does not.
    """

    name = "uwsgi"
    title = "uWSGI (http-socket)"
    packages = ("uwsgi-core", "uwsgi-plugin-python3")
    keeps_alive = False
    interface = "wsgi"

    def command(self, launch: Launch) -> List[str]:
        return [
            "uwsgi",
            *(["--plugin", "python3"] if _has_debian_plugin() else []),
            *("--http-socket", f"127.0.0.1:{launch.port}"),
            *("--add-header", "Connection: close"),
            *("--master", "--processes", str(launch.workers)),
            *("--module", f"{launch.workload.module}:application"),
            *("--need-app", "--single-interpreter", "--die-on-term", "--disable-logging"),
            *("--listen", str(min(_BACKLOG, _largest_backlog()))),
        ]

    def version(self, host: Host) -> Optional[str]:
        if shutil.which("uwsgi") is None:
            return None
        done = subprocess.run(["uwsgi", "--version"], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None


def _has_debian_plugin() -> bool:
    """Debian has the Python plugin apart; elsewhere it is usually built in."""
    return Path("/usr/lib/uwsgi/plugins/python3_plugin.so").exists()


def _largest_backlog() -> int:
    return int(Path("/proc/sys/net/core/somaxconn").read_text())
