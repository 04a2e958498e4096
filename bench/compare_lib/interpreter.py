"""The Python interpreter the applications run in; not the one that runs this program."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from typing import Dict, Iterable, Optional

from .model import ProcessMemory, Workload
from .paths import APPS, LAUNCH
from .procfs import memory_of


#: What calls an application of each interface without a server.
EXPECTED = {"wsgi": "expected.py", "asgi": "expected_asgi.py", "tornado": "expected_tornado.py"}


class InterpreterError(Exception):
    """The interpreter does not start, or the application fails in it."""


@dataclass(frozen=True)
class Reference:
    """The response a workload must get."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Interpreter:
    path: str

    def environment(self) -> Dict[str, str]:
        """The environment of everything started: the applications and $BENCH_PYTHONPATH can be imported."""
        environment = dict(os.environ)
        paths = [str(APPS), os.environ.get("BENCH_PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        environment.pop("PYTHONHOME", None)
        return environment

    def modules(self, names: Iterable[str]) -> Dict[str, str]:
        """The versions of the modules that can be imported ("" if unknown), and of "python" itself."""
        found: Dict[str, str] = json.loads(self._script("modules.py", *names))
        return found

    def reference(self, workload: Workload) -> Reference:
        """Calls the application without a server."""
        request = {
            "module": workload.module,
            "method": workload.method,
            "path": workload.path,
            "body": base64.b64encode(workload.probe_body or b"").decode(),
        }
        answer = json.loads(self._script(EXPECTED[workload.interface], stdin=json.dumps(request)))
        return Reference(answer["status"], answer["content_type"], base64.b64decode(answer["body"]))

    def bare_memory(self, module: str) -> ProcessMemory:
        """Memory of the interpreter with the application imported and no server."""
        with subprocess.Popen(
            [self.path, str(LAUNCH / "bare.py"), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.environment(),
            cwd=APPS,
        ) as process:
            assert process.stdout is not None
            if process.stdout.readline() != b"ready\n":
                raise InterpreterError(f"{module} does not load in {self.path}")
            return memory_of(process.pid)[0]

    def _script(self, script: str, *arguments: str, stdin: Optional[str] = None) -> str:
        try:
            done = subprocess.run(
                [self.path, str(LAUNCH / script), *arguments],
                input=stdin,
                capture_output=True,
                text=True,
                env=self.environment(),
                cwd=APPS,
            )
        except OSError as error:
            raise InterpreterError(f"{self.path}: {error.strerror}") from error
        if done.returncode != 0:
            raise InterpreterError(f"{script} in {self.path}: {done.stderr.strip()[-1000:]}")
        return done.stdout
