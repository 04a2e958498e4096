"""Tells which interface an application has, and makes a plain ASGI 3 callable of the forms that ASGI has had."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any, Awaitable, Callable, List, Optional

from darter.target import TargetError

#: Names of the parameters by which the interface of a plain function is known.
_SCOPE = ("scope", "receive", "send")

#: asyncio's own mark of functions that are like coroutine functions (asgiref and older libraries set it).
_MARK = "_is_coroutine"


def interface_of(application: Any, wanted: str = "auto") -> str:
    """``wsgi`` or ``asgi``, or an error for what this version does not serve."""
    found = _detect(application) if wanted == "auto" else wanted
    if found in ("wsgi", "asgi"):
        return found
    names = {"tornado": "a Tornado application"}
    raise TargetError(
        "{} {}, which this version of Darter does not serve yet; it serves WSGI and ASGI applications.".format(
            "This is" if wanted == "auto" else "--interface {} asks for".format(wanted), names.get(found, found)
        )
    )


def asgi_callable(application: Any) -> Callable[..., Awaitable[None]]:
    """The application as ``application(scope, receive, send)`` that returns an awaitable."""
    if _is_double_callable(application):
        return _adapt_double_callable(application)
    if inspect.isroutine(application) or inspect.isclass(application) or isinstance(application, functools.partial):
        return application  # type: ignore[no-any-return]
    # Python looks __call__ up in the type; a bound method is cheaper to call.
    call = getattr(type(application), "__call__")
    return call.__get__(application) if inspect.isfunction(call) else application  # type: ignore[no-any-return]


def _detect(application: Any) -> str:
    tornado = sys.modules.get("tornado.web")
    if tornado is not None and isinstance(application, tornado.Application):
        return "tornado"
    if _is_coroutine_function(application) or _is_double_callable(application):
        return "asgi"
    if inspect.isclass(application) and hasattr(application, "__await__"):
        return "asgi"
    names = _required(application)
    return "asgi" if names is not None and (len(names) == 3 or tuple(names[:3]) == _SCOPE) else "wsgi"


def _is_coroutine_function(function: Any) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    for candidate in (function, None if inspect.isclass(function) else getattr(function, "__call__", None)):
        if inspect.iscoroutinefunction(candidate) or hasattr(candidate, _MARK):
            return True
    return False


def _is_double_callable(application: Any) -> bool:
    """ASGI 2: ``application(scope)`` gives a callable for ``(receive, send)``."""
    if _is_coroutine_function(application):
        return False
    if inspect.isclass(application):
        call = getattr(application, "__call__", None)
        return inspect.iscoroutinefunction(call) and len(_required(application) or ()) == 1
    return len(_required(application) or ()) == 1


def _adapt_double_callable(application: Any) -> Callable[..., Awaitable[None]]:
    async def adapted(scope: Any, receive: Any, send: Any) -> None:
        await application(scope)(receive, send)

    return adapted


def _required(function: Any) -> Optional[List[str]]:
    """Names of the positional arguments that must be given; None if that cannot be told."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in positional and p.default is inspect.Parameter.empty]
