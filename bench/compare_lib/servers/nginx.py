from __future__ import annotations

import shutil
import subprocess
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
    default_type text/plain;
    keepalive_requests 1000000000;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ return 200 "Hello, world!"; }}
    }}
}}
"""


class Nginx(Server):
    """The floor: the same response written by nginx itself, without Python."""

    name = "nginx"
    title = "nginx (return 200)"
    packages = ("nginx",)

    def command(self, launch: Launch) -> List[str]:
        configuration = launch.folder / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(workers=launch.workers, folder=launch.folder, port=launch.port)
        )
        return ["nginx", "-p", str(launch.folder), "-c", str(configuration)]

    def version(self, host: Host) -> Optional[str]:
        if shutil.which("nginx") is None:
            return None
        done = subprocess.run(["nginx", "-v"], capture_output=True, text=True)
        return done.stderr.strip().rpartition("/")[2]

    def not_applicable(self, workload: Workload, workers: int) -> Optional[str]:
        return None if workload.name == "hello" else "runs no application"
