from __future__ import annotations

from typing import List

from .base import Launch, Server


class Hypercorn(Server):
    """With uvloop; it writes no access log unless it is told to.

    Its version 0.13 closes a connection when the response is complete before the application has called `receive`, so
    it gets an application that calls it.
    """

    name = "hypercorn"
    title = "Hypercorn (uvloop)"
    packages = ("python3-hypercorn", "python3-uvloop")
    module = "hypercorn"
    needs = ("uvloop",)

    def command(self, launch: Launch) -> List[str]:
        return [
            *(launch.host.interpreter.path, "-m", "hypercorn"),
            *("--bind", f"127.0.0.1:{launch.port}"),
            *("--workers", str(launch.workers)),
            *("--worker-class", "uvloop", "--backlog", "1024"),
            *("--log-level", "warning"),
            f"{launch.workload.module}:application_that_reads",
        ]
