from __future__ import annotations

from typing import List

from ..paths import LAUNCH
from .base import Launch, Server


class Cheroot(Server):
    name = "cheroot"
    title = "Cheroot (10 threads)"
    module = "cheroot"
    one_process = True

    def command(self, launch: Launch) -> List[str]:
        script = str(LAUNCH / "cheroot_server.py")
        return [launch.host.interpreter.path, script, launch.workload.module, str(launch.port)]
