"""What ``flask run --debug`` does for an application of Flask, and ``quart run --debug`` for one of Quart."""

from __future__ import annotations

import os
import re
import types

from darter._frameworks import instances, is_application, is_instance
from darter.target import TargetError, from_module, import_file, import_module, put_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, MutableMapping, Optional

#: Whose variables: FLASK_APP, QUART_DEBUG and so on; and the class.
FRAMEWORKS = (("FLASK", "flask", "Flask"), ("QUART", "quart", "Quart"))
_FALSE = ("0", "false", "no")


def skips_files(environment: MutableMapping[str, str]) -> bool:
    """Whether ``.env`` and ``.flaskenv`` are not to be read."""
    return any(environment.get(name + "_SKIP_DOTENV", "").lower() not in ("", *_FALSE) for name, _, _ in FRAMEWORKS)


def prepare(environment: MutableMapping[str, str]) -> None:
    """Sets, before the application is imported, what it reads then, where the user has not."""
    for name, _, _ in FRAMEWORKS:
        if not environment.get(name + "_DEBUG"):
            environment[name + "_DEBUG"] = "1"
    # By this Flask ignores a call of app.run() that the import comes upon, and says so.
    environment.setdefault("FLASK_RUN_FROM_CLI", "true")


def finish(application: Any, environment: MutableMapping[str, str]) -> None:
    """Sets ``app.debug`` as the command does, once the application is there and whatever its configuration says.

    Through the property: templates are read again when they change, and exceptions reach the debugger.
    """
    for name, package, kind in FRAMEWORKS:
        if is_instance(application, package, kind):
            application.debug = environment.get(name + "_DEBUG", "").lower() not in ("", *_FALSE)


def variable(environment: MutableMapping[str, str]) -> Optional[str]:
    """The variable that names the application, if one does."""
    return next((name + "_APP" for name, _, _ in FRAMEWORKS if environment.get(name + "_APP")), None)


def load(name: str, value: str) -> Any:
    """Imports the application that the variable *name* names: ``module``, ``path/to/app.py``, ``module:attribute``,
    ``module:factory("argument")``. Of a factory the parentheses can be left out.
    """
    path, expression = ([*re.split(r":(?![\\/])", value, maxsplit=1), None])[:2]
    assert path is not None
    try:
        module = _import(path.strip())
        return _best_of(module) if expression is None else _named(module, expression.strip())
    except TargetError as error:
        raise TargetError("{} is {!r}: {}".format(name, value, error.problem)) from None


def _import(place: str) -> ModuleType:
    path = os.path.realpath(place)
    for file in (path, path + ".py", os.path.join(path, "__init__.py")):
        if file.endswith(".py") and os.path.isfile(file):
            return import_file(file)
    folder, name = os.path.split(path)
    if name.endswith(".py") and not os.path.isdir(os.path.join(folder, name[: -len(".py")])):
        raise TargetError("There is no file {}.".format(path))
    put_first(folder)
    return import_module(name)


def _best_of(module: ModuleType) -> Any:
    """In Flask's order: an object before a factory."""
    names = instances(module)
    for name in ("app", "application", *(names if len(names) == 1 else ())):
        if is_application(getattr(module, name, None)):
            return getattr(module, name)
    return from_module(module, None)


def _named(module: ModuleType, expression: str) -> Any:
    is_factory = expression.isidentifier() and isinstance(getattr(module, expression, None), types.FunctionType)
    return from_module(module, expression + "()" if is_factory else expression)
