"""Servers that answer from their caches."""

from __future__ import annotations

import shutil
import subprocess
from typing import List, Optional

from .base import Host, Launch, Server
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


# There is no backend: what is made up for an error is kept like an answer.
_VARNISH = """\
vcl 4.1;
backend default none;
sub vcl_backend_error {
    set beresp.status = 200;
    set beresp.ttl = 1h;
    set beresp.http.Content-Type = "text/plain";
    synthetic("Hello, world!");
    return (deliver);
}
"""


class VarnishCache(Server):
    """Varnish, with one thread pool for each worker. It has a thread for each busy connection, so it may use more CPUs than the others."""

    name = "varnish"
    title = "Varnish"
    packages = ("varnish",)

    def command(self, launch: Launch) -> List[str]:
        file = launch.folder / "bench.vcl"
        file.write_text(_VARNISH)
        return [
            "varnishd",
            "-F",
            "-j",
            "none",
            "-n",
            str(launch.folder / "work"),
            "-a",
            f"127.0.0.1:{launch.port}",
            "-f",
            str(file),
            "-s",
            "malloc,64m",
            "-p",
            f"thread_pools={launch.workers}",
        ]

    def version(self, host: Host) -> Optional[str]:
        if shutil.which("varnishd") is None:
            return None
        done = subprocess.run(["varnishd", "-V"], capture_output=True, text=True)
        return (done.stdout + done.stderr).partition("(varnish-")[2].split(" ")[0]
