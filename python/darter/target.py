"""Finds the application that a target names.

``module:attr``, ``module:attr.sub``, ``module:factory()`` (with literal arguments, too), ``module``,
``path/to/app.py[:attr]``, or a folder: a Django project, or one with an app.py, wsgi.py or main.py in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys

# Only what every target needs is imported here: a worker is to stay small.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from types import CodeType, ModuleType
    from typing import Any, List, Optional, Tuple

#: Looked for in a module when the target does not name an attribute.
ATTRIBUTES = ("application", "app")
#: Called without arguments when there is none of those.
FACTORIES = ("create_app", "make_app")
#: Looked for in a folder that is no Django project.
FILES = ("app.py", "wsgi.py", "main.py", "asgi.py", "__init__.py")

#: CO_VARARGS: the function has ``*args``.
_VARARGS = 0x04

HOW = (
    "Name the application as module:attribute, module:factory(), module, path/to/app.py[:attribute] "
    "or the folder of a Django project."
)


class TargetError(Exception):
    """The target cannot be resolved; the message says what was tried."""

    def __init__(self, problem: str) -> None:
        super().__init__("{}\n{}".format(problem, HOW))
        self.problem = problem


class StartupError(Exception):
    """The application was loaded and did not start; the message says why."""


def load(target: str, interface: str = "auto") -> Any:
    """Imports what the target names. An exception of the application's own code passes through.

    The interface matters for a Django project, which has an application for each: WSGI unless ASGI is asked for.
    """
    file = re.match(r"(?P<path>.+?\.py)(?::(?P<attribute>.*))?$", target, re.DOTALL)
    if file and (os.path.isfile(file["path"]) or os.sep in file["path"]):
        return from_module(import_file(file["path"]), file["attribute"])
    if names_folder(target):
        return _from_folder(target, interface)
    if file and ":" not in target:
        raise TargetError("There is no file {} in {}.".format(target, os.getcwd()))
    module, colon, attribute = target.partition(":")
    return from_module(import_module(module), attribute if colon else None)


def names_folder(target: str) -> bool:
    """Whether the target is a folder, and not the name of a package."""
    if not os.path.isdir(target):
        return False
    # A bare name of a package is a module, as in Python.
    return os.sep in target or target in (".", "..") or not os.path.isfile(os.path.join(target, "__init__.py"))


def _from_folder(folder: str, interface: str) -> Any:
    folder = os.path.abspath(folder)
    manage = os.path.join(folder, "manage.py")
    if os.path.isfile(manage):
        return _from_django(folder, manage, interface)
    for name in FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return from_module(import_file(path), None)
    raise TargetError("The folder {} has no manage.py and none of {}.".format(folder, ", ".join(FILES)))


def _from_django(folder: str, manage: str, interface: str) -> Any:
    with open(manage, encoding="utf-8") as source:
        named = re.search(r"DJANGO_SETTINGS_MODULE[\"']\s*(?:,|\]\s*=)\s*[\"']([\w.]+)[\"']", source.read())
    if named:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", named[1])
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        raise TargetError("{} does not say what DJANGO_SETTINGS_MODULE is, and the environment does not.".format(manage))
    put_first(folder)
    from django.conf import settings  # type: ignore[import-not-found,import-untyped,unused-ignore]

    if interface == "asgi":
        return _from_django_asgi(settings)
    dotted = getattr(settings, "WSGI_APPLICATION", None)
    if dotted:
        module, _, attribute = dotted.rpartition(".")
        return from_module(import_module(module), attribute)
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-not-found,import-untyped,unused-ignore]

    return get_wsgi_application()


def _from_django_asgi(settings: Any) -> Any:
    """What ASGI_APPLICATION names, as Channels has it; else the asgi module that startproject puts beside the urls."""
    dotted = getattr(settings, "ASGI_APPLICATION", None)
    if not dotted:
        package = getattr(settings, "ROOT_URLCONF", "").rpartition(".")[0]
        if package and importlib.util.find_spec(package + ".asgi"):
            dotted = package + ".asgi.application"
    if dotted:
        module, _, attribute = dotted.rpartition(".")
        return from_module(import_module(module), attribute)
    from django.core.asgi import get_asgi_application  # type: ignore[import-not-found,import-untyped,unused-ignore]

    return get_asgi_application()


def import_module(name: str) -> ModuleType:
    """The module of this dotted name; a TargetError if there is none."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise TargetError("{!r} is not the name of a module, nor a file or folder in {}.".format(name, os.getcwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Only if it is this module that is missing; one that it imports is the application's own error.
        missing = error.name or ""
        if name != missing and not name.startswith(missing + "."):
            raise
        looked = "\n  ".join(entry or os.getcwd() for entry in sys.path)
        raise TargetError("There is no module {!r}. Looked for in\n  {}".format(missing, looked)) from None


def import_file(path: str) -> ModuleType:
    """The module of a file, under the name that other files of its folder or package know it by."""
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise TargetError("There is no file {}.".format(path))
    name, root = _module_name(path)
    put_first(root)
    known = sys.modules.get(name)
    if known is not None and not _is_of(known, path):
        # Python itself has a module of this name in use.
        name = "darter_target_" + name
        known = sys.modules.get(name)
    if known is not None:
        return known
    if "." in name:
        return importlib.import_module(name)
    places = [os.path.dirname(path)] if os.path.basename(path) == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _module_name(path: str) -> Tuple[str, str]:
    """The dotted name of a file's module, and the folder from which it is imported by that name."""
    folder, base = os.path.split(path)
    parts: List[str] = [] if base == "__init__.py" else [base[: -len(".py")]]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.basename(folder).isidentifier():
        parts.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    return ".".join(parts) or "__init__", folder


def _is_of(module: ModuleType, path: str) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.exists(file) and os.path.samefile(file, path)


def put_first(folder: str) -> None:
    """Makes the folder the first place for modules."""
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)


def from_module(module: ModuleType, expression: Optional[str]) -> Any:
    """What *expression* names in the module, an attribute or a call of a factory; without it, the usual names."""
    if expression is not None:
        return check_callable(_evaluate(module, expression), "{}:{}".format(module.__name__, expression))
    for name in ATTRIBUTES:
        # A module of that name is none: in a package, "app" may be one. Dash has its application beside the object.
        value = getattr(module, name, module)
        if not isinstance(value, type(sys)) and (callable(value) or len(_instances(module)) != 1):
            return check_callable(value, "{}:{}".format(module.__name__, name))
    for name in FACTORIES:
        factory = getattr(module, name, None)
        if callable(factory) and not _needs_arguments(factory):
            return check_callable(factory(), "the result of {}:{}()".format(module.__name__, name))
    names = _instances(module)
    if len(names) == 1:
        return getattr(module, names[0])
    raise TargetError(_nothing_in(module, names))


def _instances(module: ModuleType) -> List[str]:
    from darter._frameworks import instances

    return instances(module)


def _nothing_in(module: ModuleType, names: List[str]) -> str:
    what = "The module {!r} ({})".format(module.__name__, getattr(module, "__file__", "built-in"))
    if names:
        return "{} has more than one application: {}.".format(what, " and ".join("{}:{}".format(module.__name__, name) for name in names))
    problem = "{} has none of {}, {}.".format(what, ", ".join(ATTRIBUTES), ", ".join(name + "()" for name in FACTORIES))
    for name in FACTORIES:
        if callable(getattr(module, name, None)):
            return problem[:-1] + " that needs no arguments: name them, as {}:{}(...).".format(module.__name__, name)
    return problem + _near(module, ATTRIBUTES[-1])


def _evaluate(module: ModuleType, expression: str) -> Any:
    """Follows ``name.name`` or calls ``name.name(literals)``."""
    if all(part.isidentifier() for part in expression.strip().split(".")):
        return _follow(module, expression.strip().split("."))

    import ast

    try:
        node: ast.expr = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise TargetError("{!r} is not the name of an attribute, nor a call of a factory.".format(expression)) from None
    if not isinstance(node, ast.Call):
        raise TargetError("{!r} is not the name of an attribute, nor a call of a factory.".format(expression))
    factory = _follow(module, _names(node.func, expression))
    if not callable(factory):
        raise TargetError("{}:{} cannot be called: it is of type {}.".format(module.__name__, expression, type(factory).__name__))
    try:
        arguments = [ast.literal_eval(argument) for argument in node.args]
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg}
        if len(named) < len(node.keywords):
            raise ValueError
    except ValueError:
        raise TargetError("The arguments in {!r} must be literals.".format(expression)) from None
    return factory(*arguments, **named)


def _names(node: ast.expr, expression: str) -> List[str]:
    import ast

    names: List[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise TargetError("{!r} is not the name of an attribute, nor a call of a factory.".format(expression))
    return [node.id, *names]


def _follow(module: ModuleType, names: List[str]) -> Any:
    found: Any = module
    for name in names:
        if not hasattr(found, name):
            place = "The module {!r}".format(module.__name__) if found is module else repr(found)
            raise TargetError("{} has no attribute {!r}.{}".format(place, name, _near(found, name)))
        found = getattr(found, name)
    return found


def _near(owner: Any, name: str) -> str:
    import difflib

    names = [other for other in dir(owner) if not other.startswith("_")]
    near = difflib.get_close_matches(name, names, n=5, cutoff=0.5)
    return " Did you mean {}?".format(" or ".join(near)) if near else ""


def is_coroutine(application: Any) -> bool:
    """Whether it is what a factory that is a coroutine function has returned, and there is no application yet."""
    return hasattr(application, "cr_frame")


def check_callable(application: Any, what: str) -> Any:
    """The application, or a TargetError if it is none."""
    if not callable(application) and not is_coroutine(application) and not _is_tornado(application):
        raise TargetError("{} is not callable: it is of type {}.".format(what, type(application).__name__))
    code = getattr(application, "__code__", None)
    if code is not None and not code.co_argcount and not code.co_flags & _VARARGS:
        raise TargetError("{0} takes no arguments, so it looks like a factory: name it {0}().".format(what))
    return application


def _is_tornado(application: Any) -> bool:
    from darter._frameworks import is_tornado

    return is_tornado(application)


def _needs_arguments(factory: Any) -> bool:
    code: Optional[CodeType] = getattr(factory, "__code__", None)
    if code is None:
        return False
    defaults = len(factory.__defaults__ or ()) + len(factory.__kwdefaults__ or ())
    return code.co_argcount + code.co_kwonlyargcount > defaults
