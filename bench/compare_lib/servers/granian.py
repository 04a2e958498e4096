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
            *("--interface", launch.workload.interface, "--http", "1"),
            *([] if launch.workload.is_websocket else ["--no-ws"]),
            *("--host", "127.0.0.1", "--port", str(launch.port)),
            *("--workers", str(launch.workers)),
            *("--log-level", "warning"),
            f"{launch.workload.module}:application",
        ]
