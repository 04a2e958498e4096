"""What is known of frameworks: the classes of their applications. None of them is imported."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, List

#: The package, and the name of the class.
CLASSES = frozenset(
    {
        ("flask", "Flask"),
        ("quart", "Quart"),
        ("fastapi", "FastAPI"),
        ("starlette", "Starlette"),
        ("sanic", "Sanic"),
        ("litestar", "Litestar"),
        ("falcon", "App"),
        ("bottle", "Bottle"),
        ("blacksheep", "Application"),
        ("tornado", "Application"),
    }
)
NAMES = frozenset(name for _, name in CLASSES)


def is_instance(value: Any, package: str, name: str) -> bool:
    """Whether it is an object of that class, or of one that is derived from it."""
    return any(kind.__name__ == name and kind.__module__.partition(".")[0] == package for kind in type(value).__mro__)


def is_tornado(value: Any) -> bool:
    """Whether it is what an HTTP server of Tornado serves: an application, a router, a container of a WSGI application."""
    for module, name in (("tornado.httputil", "HTTPServerConnectionDelegate"), ("tornado.wsgi", "WSGIContainer")):
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(value, kind):
            return True
    return False


def is_application(value: Any) -> bool:
    """Whether it is an object of a known class for applications."""
    return any((kind.__module__.partition(".")[0], kind.__name__) in CLASSES for kind in type(value).__mro__)


def instances(module: ModuleType) -> List[str]:
    """The names of the applications of known classes that a module has, each application once."""
    found = {id(value): name for name, value in reversed(list(vars(module).items())) if is_application(value)}
    return list(reversed(list(found.values())))
