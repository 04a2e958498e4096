from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import List, Optional

from ..model import Workload
from .base import Host, Launch, Server

_CONFIGURATION = """\
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type {content_type};
    keepalive_requests 1000000000;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
{site}
}}
"""

_HELLO = """\
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ return 200 "Hello, world!"; }}
    }}"""


def configure(folder: Path, workers: int, site: str, content_type: str = "text/plain") -> List[str]:
    """Writes a configuration with what *site* adds to its ``http`` block, and returns the command that runs nginx with it."""
    file = folder / "nginx.conf"
    file.write_text(_CONFIGURATION.format(workers=workers, folder=folder, content_type=content_type, site=site))
    return ["nginx", "-p", str(folder), "-c", str(file)]


class Nginx(Server):
    """The floor: the same response written by nginx itself, without Python."""

    name = "nginx"
    title = "nginx (return 200)"
    packages = ("nginx",)

    def command(self, launch: Launch) -> List[str]:
        return configure(launch.folder, launch.workers, _HELLO.format(port=launch.port))

    def version(self, host: Host) -> Optional[str]:
        if shutil.which("nginx") is None:
            return None
        done = subprocess.run(["nginx", "-v"], capture_output=True, text=True)
        return done.stderr.strip().rpartition("/")[2]

    def not_applicable(self, workload: Workload, workers: int) -> Optional[str]:
        return None if workload.name == "hello" else "runs no application"
