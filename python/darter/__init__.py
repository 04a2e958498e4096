"""Darter, the web server for Python."""

from __future__ import annotations

from darter._wsgi import ClientDisconnected, FileWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from darter._run import run

__version__ = "0.1.0"

__all__ = ["ClientDisconnected", "FileWrapper", "__version__", "run"]


def __getattr__(name: str) -> Any:
    # Workers have no use for it, and need not load what it takes to start processes.
    if name == "run":
        from darter._run import run

        return run
    raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
