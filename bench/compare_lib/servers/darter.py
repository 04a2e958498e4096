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
            *("-w", str(launch.workers)),
            *("--chdir", str(APPS)),
            *("--python", launch.host.interpreter.path),
        ]

    def version(self, host: Host) -> Optional[str]:
        try:
            done = subprocess.run([str(host.darter), "--version"], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return None
        words = done.stdout.split()
        return words[-1] if done.returncode == 0 and words else ""
