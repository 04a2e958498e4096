"""What is known of frameworks: the classes of their applications. None of them is imported."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, List

#: The package, and the name of the class. Each can be called as an application.
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
    }
)
NAMES = frozenset(name for _, name in CLASSES)


def is_instance(value: Any, package: str, name: str) -> bool:
    """Whether it is an object of that class, or of one that is derived from it."""
    return any(kind.__name__ == name and kind.__module__.partition(".")[0] == package for kind in type(value).__mro__)


def is_application(value: Any) -> bool:
    """Whether it is an object of a known class for applications."""
    return any((kind.__module__.partition(".")[0], kind.__name__) in CLASSES for kind in type(value).__mro__)


def instances(module: ModuleType) -> List[str]:
    """The names of the applications of known classes that a module has, each application once."""
    found = {id(value): name for name, value in reversed(list(vars(module).items())) if is_application(value)}
    return list(reversed(list(found.values())))
