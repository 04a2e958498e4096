"""Darter, the web server for Python."""

from __future__ import annotations

from darter._wsgi import ClientDisconnected, FileWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from darter._publish import PublishError, apresence, apublish, presence, publish
    from darter._run import run

__version__ = "0.1.0"

__all__ = [
    "ClientDisconnected",
    "FileWrapper",
    "PublishError",
    "__version__",
    "apresence",
    "apublish",
    "presence",
    "publish",
    "run",
]

_PUBLISHING = frozenset(("PublishError", "apresence", "apublish", "presence", "publish"))


def __getattr__(name: str) -> Any:
    # Workers have no use for it, and need not load what it takes to start processes.
    if name == "run":
        from darter._run import run

        return run
    if name in _PUBLISHING:
        from darter import _publish

        return getattr(_publish, name)
    raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
