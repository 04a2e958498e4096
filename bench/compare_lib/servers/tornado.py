from __future__ import annotations

from typing import List

from ..paths import LAUNCH
from .base import Launch, Server


class Tornado(Server):
    """Tornado's own server, with the event loop that it runs on if nobody says otherwise."""

    name = "tornado"
    title = "Tornado"
    packages = ("python3-tornado",)
    module = "tornado"
    interface = "tornado"

    def command(self, launch: Launch) -> List[str]:
        script = str(LAUNCH / "tornado_server.py")
        arguments = [launch.workload.module, str(launch.port), str(launch.workers)]
        return [launch.host.interpreter.path, script, *arguments]


class TornadoUvloop(Tornado):
    name = "tornado-uvloop"
    title = "Tornado (uvloop)"
    packages = ("python3-tornado", "python3-uvloop")
    needs = ("uvloop",)

    def command(self, launch: Launch) -> List[str]:
        return [*super().command(launch), "uvloop"]
