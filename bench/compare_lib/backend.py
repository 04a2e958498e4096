"""The server behind the servers of the proxy suite: nginx on a Unix socket, which answers as bench/apps/wsgi.py's "hello" does."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Optional

from .servers.nginx import configure

_SITE = """\
    server {{
        listen unix:{folder}/backend.sock backlog=1024;
        location / {{ return 200 "Hello, world!"; }}
    }}"""

_socket: Optional[Path] = None


def prepare() -> Path:
    """Starts it, once, for as long as this program runs; returns its socket. Its CPU time is not counted as the servers'."""
    global _socket
    if _socket is not None:
        return _socket
    folder = Path(tempfile.mkdtemp(prefix="bench-backend-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = configure(folder, 1, _SITE.format(folder=folder))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
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
