from __future__ import annotations

from typing import List

from ..paths import LAUNCH
from .base import Launch, Server


class Waitress(Server):
    name = "waitress"
    title = "Waitress (4 threads)"
    packages = ("python3-waitress",)
    module = "waitress"
    one_process = True

    def command(self, launch: Launch) -> List[str]:
        script = str(LAUNCH / "waitress_server.py")
        return [launch.host.interpreter.path, script, launch.workload.module, str(launch.port)]
