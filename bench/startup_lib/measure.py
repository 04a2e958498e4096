"""One start of a server."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Tuple

from compare_lib.check import answers
from compare_lib.interpreter import Interpreter
from compare_lib.model import ProcessMemory
from compare_lib.ports import free_port
from compare_lib.process import ServerProcess, StartError
from compare_lib.procfs import memory_of

from .servers import Application, Server

_REQUESTS_PER_WORKER = 100


@dataclass(frozen=True)
class Sample:
    seconds: float
    """From starting the command to the first response."""
    memory: Tuple[ProcessMemory, ...]
    """After requests to all workers."""

    @property
    def pss(self) -> int:
        """Of all processes, in KiB."""
        return sum(process.pss for process in self.memory)


def measure(server: Server, application: Application, interpreter: Interpreter, darter: Path, workers: int) -> Sample:
    """Raises StartError."""
    port = free_port()
    command = server.command(application, interpreter, darter, port, workers)
    with tempfile.TemporaryDirectory(prefix="startup-") as folder:
        with ServerProcess(command, port, interpreter.environment(), Path(folder, "log")) as process:
            # Requests write to what a worker shares; one that has served none is no honest worker.
            for _ in range(workers * _REQUESTS_PER_WORKER):
                if answers(port, timeout=10) != 200:
                    raise StartError(process.ended() or f"a request got no response: {process.log_tail()}")
            return Sample(process.startup_seconds, memory_of(process.pid))
