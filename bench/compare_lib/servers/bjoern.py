from __future__ import annotations

from typing import List

from ..paths import LAUNCH
from .base import Launch, Server


class Bjoern(Server):
    name = "bjoern"
    title = "bjoern"
    module = "bjoern"

    def command(self, launch: Launch) -> List[str]:
        script = str(LAUNCH / "bjoern_server.py")
        arguments = [launch.workload.module, str(launch.port), str(launch.workers)]
        return [launch.host.interpreter.path, script, *arguments]
