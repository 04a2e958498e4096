"""The servers, each with an application that sends a message to all who listen, as one writes it for that server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Dict, List, Optional, Tuple

from compare_lib.paths import APPS, LAUNCH
from connections_lib.servers import Darter, Host


class Peer(ABC):
    """A server whose Python code keeps the subscribers."""

    name: str
    title: str
    modules: Tuple[str, ...]

    @abstractmethod
    def command(self, host: Host, port: int) -> List[str]:
        """The command line."""

    def version(self, host: Host) -> Optional[str]:
        return host.modules[self.modules[0]] if all(name in host.modules for name in self.modules) else None


class DarterHub(Darter):
    """A synchronous WSGI application: the front holds the streams, and sends what is published."""

    title = "Darter (hub; sync WSGI)"

    def command(self, host: Host, port: int, workers: int = 1) -> List[str]:
        return [
            str(host.darter),
            *("run", "live_hub:application"),
            *("-b", f"127.0.0.1:{port}", "-w", str(workers)),
            *("--chdir", str(APPS), "--python", host.interpreter.path),
        ]


class DarterAsgi(Darter):
    """The same application as uvicorn's: what Darter does without its hub."""

    name = "darter-asgi"
    title = "Darter (plain ASGI)"


class _Uvicorn(Peer):
    application: str

    def command(self, host: Host, port: int) -> List[str]:
        return [
            host.interpreter.path,
            *("-m", "uvicorn", self.application, "--host", "127.0.0.1", "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
        ]


class UvicornAsgi(_Uvicorn):
    """An application that does as little as it can."""

    name = "uvicorn"
    title = "uvicorn (plain ASGI)"
    modules = ("uvicorn", "uvloop", "httptools")
    application = "live:application"


class UvicornStarlette(_Uvicorn):
    name = "starlette"
    title = "uvicorn (Starlette)"
    modules = ("uvicorn", "uvloop", "httptools", "starlette")
    application = "live_starlette:application"


class Tornado(Peer):
    name = "tornado"
    title = "Tornado"
    modules = ("tornado",)

    def command(self, host: Host, port: int) -> List[str]:
        return [host.interpreter.path, str(LAUNCH / "tornado_server.py"), "live_tornado", str(port), "1"]


_ALL: "Tuple[Peer | Darter, ...]" = (DarterHub(), DarterAsgi(), Tornado(), UvicornAsgi(), UvicornStarlette())
SERVERS: "Dict[str, Peer | Darter]" = {server.name: server for server in _ALL}
MODULES = ("tornado", "uvicorn", "uvloop", "httptools", "starlette")
