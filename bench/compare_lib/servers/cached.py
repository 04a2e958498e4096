"""Servers that answer from their caches."""

from __future__ import annotations

from typing import List, Optional

from .base import Launch
from .darter import Darter
from .nginx import Nginx


class DarterCache(Darter):
    """``darter run --cache``: the application is asked once, for an answer that says nothing of caches."""

    title = "Darter (--cache)"

    def command(self, launch: Launch) -> List[str]:
        return [*super().command(launch), "--cache", "64MiB", "--cache-ttl", "3600"]


_NGINX = """\
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
    proxy_cache_path {folder}/cache keys_zone=answers:16m max_size=64m inactive=1h;
    server {{
        listen unix:{folder}/origin.sock;
        location / {{ return 200 "Hello, world!"; }}
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://unix:{folder}/origin.sock;
            proxy_cache answers;
            proxy_cache_valid 200 1h;
            proxy_cache_lock on;
        }}
    }}
}}
"""


class NginxCache(Nginx):
    """``proxy_cache``, with an origin that nginx itself plays."""

    title = "nginx (proxy_cache)"

    def command(self, launch: Launch) -> List[str]:
        configuration = launch.folder / "nginx.conf"
        configuration.write_text(_NGINX.format(workers=launch.workers, folder=launch.folder, port=launch.port))
        return ["nginx", "-p", str(launch.folder), "-c", str(configuration)]

    def not_applicable(self, workload: object, workers: int) -> Optional[str]:
        return None
