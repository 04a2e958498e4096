"""The servers, each with the application of apps/live.py."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

from compare_lib.interpreter import Interpreter
from compare_lib.paths import APPS


@dataclass(frozen=True)
class Host:
    """Where the servers run."""

    interpreter: Interpreter
    modules: Dict[str, str]
    darter: Path


class Darter:
    name = "darter"
    title = "Darter"
    has_front = True

    def command(self, host: Host, port: int, workers: int) -> List[str]:
        return [
            str(host.darter),
            *("run", "live:application", "--interface", "asgi"),
            *("-b", f"127.0.0.1:{port}", "-w", str(workers)),
            *("--chdir", str(APPS), "--python", host.interpreter.path),
        ]

    def version(self, host: Host) -> Optional[str]:
        try:
            done = subprocess.run([str(host.darter), "--version"], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return None
        words = done.stdout.split()
        return words[-1] if done.returncode == 0 and words else ""


class Uvicorn:
    name = "uvicorn"
    title = "uvicorn"
    has_front = False

    def command(self, host: Host, port: int, workers: int) -> List[str]:
        return [
            host.interpreter.path,
            *("-m", "uvicorn", "live:application", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", str(workers), "--no-access-log", "--log-level", "warning"),
        ]

    def version(self, host: Host) -> Optional[str]:
        return host.modules.get("uvicorn")


SERVERS = {server.name: server for server in (Darter(), Uvicorn())}
