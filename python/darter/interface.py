"""Tells which interface an application has, and makes a plain ASGI 3 callable of the forms that ASGI has had."""

from __future__ import annotations

import functools
import importlib.util
import sys

from darter._frameworks import is_tornado
from darter.target import TargetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Optional, Tuple

#: CO_COROUTINE: the function is an ``async def``.
_COROUTINE = 0x80


def interface_of(application: Any, wanted: str = "auto") -> str:
    """``wsgi``, ``asgi`` or ``tornado``."""
    if wanted == "auto":
        return _detect(application)
    if is_tornado(application) and wanted != "tornado":
        raise TargetError("--interface {}: this is an application of Tornado.".format(wanted))
    if wanted == "tornado" and importlib.util.find_spec("tornado") is None:
        raise TargetError("--interface tornado asks for the package tornado, which cannot be imported.")
    return wanted


def asgi_callable(application: Any) -> Callable[..., Awaitable[None]]:
    """The application as ``application(scope, receive, send)`` that returns an awaitable."""
    if _is_double_callable(application):
        return _adapt_double_callable(application)
    if isinstance(application, type) or hasattr(application, "__code__") or hasattr(application, "__func__"):
        return application  # type: ignore[no-any-return]
    # Python looks __call__ up in the type; a bound method is cheaper to call.
    call = getattr(type(application), "__call__")
    return call.__get__(application) if hasattr(call, "__code__") else application  # type: ignore[no-any-return]


def _detect(application: Any) -> str:
    if is_tornado(application):
        return "tornado"
    if _is_coroutine_function(application) or _is_double_callable(application):
        return "asgi"
    if isinstance(application, type) and hasattr(application, "__await__"):
        return "asgi"
    # A function that returns an awaitable, without being marked as such.
    return "asgi" if len(_required(application) or ()) == 3 else "wsgi"


def _is_coroutine_function(function: Any) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    return _is_async(function) or (not isinstance(function, type) and _is_async(getattr(function, "__call__", None)))


def _is_async(function: Any) -> bool:
    # Also what is marked as one, by inspect.markcoroutinefunction (3.12) or in asyncio's way; without importing either.
    for module, name in (("inspect", "_is_coroutine_mark"), ("asyncio.coroutines", "_is_coroutine")):
        mark = getattr(sys.modules.get(module), name, None)
        if mark is not None and getattr(function, name, None) is mark:
            return True
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & _COROUTINE)


def _is_double_callable(application: Any) -> bool:
    """ASGI 2: ``application(scope)`` gives a callable for ``(receive, send)``."""
    if _is_coroutine_function(application) or len(_required(application) or ()) != 1:
        return False
    return not isinstance(application, type) or _is_async(getattr(application, "__call__", None))


def _adapt_double_callable(application: Any) -> Callable[..., Awaitable[None]]:
    async def adapted(scope: Any, receive: Any, send: Any) -> None:
        await application(scope)(receive, send)

    return adapted


def _required(function: Any) -> Optional[Tuple[str, ...]]:
    """Names of the positional arguments that must be given; None if that cannot be told."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if isinstance(function, type):
        function, bound = function.__init__, 1
    elif hasattr(function, "__func__"):
        function, bound = function.__func__, 1
    elif hasattr(function, "__code__"):
        bound = 0
    else:
        function, bound = getattr(type(function), "__call__", None), 1
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    return tuple(code.co_varnames[bound : code.co_argcount - len(function.__defaults__ or ())])
