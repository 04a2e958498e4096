"""The servers, as command lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

from compare_lib.interpreter import Interpreter
from compare_lib.paths import APPS


@dataclass(frozen=True)
class Application:
    """What is served."""

    module: str
    interface: str
    needs: str
    """The Python module it is written with."""


APPLICATIONS = {
    "hello": Application("wsgi", "wsgi", "wsgiref"),
    "flask": Application("flask_app", "wsgi", "flask"),
    "django": Application("django_app", "wsgi", "django"),
    "hello-asgi": Application("asgi", "asgi", "asyncio"),
}


@dataclass(frozen=True)
class Server:
    name: str
    title: str
    interfaces: str
    module: Optional[str] = None
    """The Python module it is, if it is one."""
    preload: bool = False

    def command(self, application: Application, interpreter: Interpreter, darter: Path, port: int, workers: int) -> List[str]:
        target, bind = f"{application.module}:application", f"127.0.0.1:{port}"
        if self.module is None:
            line = [str(darter), "run", target, "-b", bind, "-w", str(workers), "--chdir", str(APPS), "--python", interpreter.path]
            return line + ["--preload"] * self.preload
        if self.module == "gunicorn":
            line = [interpreter.path, "-m", "gunicorn", target, "-b", bind, "-w", str(workers), "--worker-tmp-dir", "/dev/shm"]
            return line + ["--preload"] * self.preload
        return [interpreter.path, "-m", "uvicorn", target, "--port", str(port), "--workers", str(workers), "--no-access-log"]


SERVERS: Dict[str, Server] = {
    server.name: server
    for server in (
        Server("darter", "Darter", "wsgi asgi"),
        Server("darter-preload", "Darter --preload", "wsgi asgi", preload=True),
        Server("gunicorn", "Gunicorn (sync)", "wsgi", "gunicorn"),
        Server("gunicorn-preload", "Gunicorn (sync) --preload", "wsgi", "gunicorn", preload=True),
        Server("uvicorn", "uvicorn", "asgi", "uvicorn"),
    )
}
