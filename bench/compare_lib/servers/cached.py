"""Servers that answer from their caches."""

from __future__ import annotations

from typing import List, Optional

from .base import Launch
from .darter import Darter
from .nginx import Nginx, configure


class DarterCache(Darter):
    """``darter run --cache``: the application is asked once, for an answer that says nothing of caches."""

    title = "Darter (--cache)"

    def command(self, launch: Launch) -> List[str]:
        return [*super().command(launch), "--cache", "64MiB", "--cache-ttl", "3600"]


_NGINX = """\
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
    }}"""


class NginxCache(Nginx):
    """``proxy_cache``, with an origin that nginx itself plays."""

    title = "nginx (proxy_cache)"

    def command(self, launch: Launch) -> List[str]:
        return configure(launch.folder, launch.workers, _NGINX.format(folder=launch.folder, port=launch.port))

    def not_applicable(self, workload: object, workers: int) -> Optional[str]:
        return None
