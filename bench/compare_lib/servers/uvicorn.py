from __future__ import annotations

from typing import List

from .base import Launch, Server


class Uvicorn(Server):
    """With the loop and the parsers in C that it recommends, and `websockets`, its first choice for WebSockets."""

    name = "uvicorn"
    title = "uvicorn (uvloop, httptools)"
    packages = ("python3-uvicorn", "python3-uvloop", "python3-httptools", "python3-websockets")
    module = "uvicorn"
    interface = "asgi"
    needs = ("uvloop", "httptools", "websockets")

    def command(self, launch: Launch) -> List[str]:
        return [
            *(launch.host.interpreter.path, "-m", "uvicorn"),
            *("--host", "127.0.0.1", "--port", str(launch.port)),
            *("--workers", str(launch.workers)),
            *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets"),
            *("--no-access-log", "--log-level", "warning"),
            f"{launch.workload.module}:application",
        ]
