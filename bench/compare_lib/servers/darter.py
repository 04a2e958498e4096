from __future__ import annotations

import subprocess
from typing import List, Optional

from ..paths import APPS
from .base import Host, Launch, Server


class Darter(Server):
    name = "darter"
    title = "Darter"
    has_front = True

    def command(self, launch: Launch) -> List[str]:
        return [
            str(launch.host.darter),
            "run",
            f"{APPS / launch.workload.module}.py:application",
            *("-b", f"127.0.0.1:{launch.port}"),
            *self.concurrency(launch.workers),
            *("--chdir", str(APPS)),
            *("--python", launch.host.interpreter.path),
        ]

    def concurrency(self, workers: int) -> List[str]:
        return ["-w", str(workers)]

    def version(self, host: Host) -> Optional[str]:
        try:
            done = subprocess.run([str(host.darter), "--version"], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return None
        words = done.stdout.split()
        return words[-1] if done.returncode == 0 and words else ""


class DarterThreads(Darter):
    """One worker with a thread for each that is asked for."""

    name = "darter-threads"
    title = "Darter (threads)"
    interface = "wsgi"

    def concurrency(self, workers: int) -> List[str]:
        return ["-w", "1", "--threads", str(workers)]
