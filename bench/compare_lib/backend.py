"""The server behind the servers of the proxy suite: nginx on a Unix socket, which answers as bench/apps/wsgi.py's "hello" does."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Optional

_CONFIGURATION = """\
daemon off;
worker_processes 1;
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
        listen unix:{folder}/backend.sock backlog=1024;
        location / {{ return 200 "Hello, world!"; }}
    }}
}}
"""

_socket: Optional[Path] = None


def prepare() -> Path:
    """Starts it, once, for as long as this program runs; returns its socket. Its CPU time is not counted as the servers'."""
    global _socket
    if _socket is not None:
        return _socket
    folder = Path(tempfile.mkdtemp(prefix="bench-backend-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "nginx.conf").write_text(_CONFIGURATION.format(folder=folder))
    process = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stdin=subprocess.DEVNULL, start_new_session=True
    )
    atexit.register(_end, process)
    path = folder / "backend.sock"
    deadline = time.monotonic() + 10
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise OSError("the server behind the others did not start")
        time.sleep(0.005)
    _socket = path
    return path


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait()
