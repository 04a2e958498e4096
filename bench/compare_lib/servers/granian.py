from __future__ import annotations

from typing import List

from .base import Launch, Server


class Granian(Server):
    name = "granian"
    title = "Granian"
    module = "granian"

    def command(self, launch: Launch) -> List[str]:
        return [
            *(launch.host.interpreter.path, "-m", "granian"),
            *("--interface", "wsgi", "--no-ws", "--http", "1"),
            *("--host", "127.0.0.1", "--port", str(launch.port)),
            *("--workers", str(launch.workers)),
            *("--log-level", "warning"),
            f"{launch.workload.module}:application",
        ]
