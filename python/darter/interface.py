"""Tells which interface an application has."""

from __future__ import annotations

import functools
import sys

from darter.target import TargetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: CO_COROUTINE: the function is an ``async def``.
_COROUTINE = 0x80


def interface_of(application: Any, wanted: str = "auto") -> str:
    """``wsgi``, or an error for what this version does not serve."""
    found = _detect(application) if wanted == "auto" else wanted
    if found == "wsgi":
        return found
    names = {"asgi": "an ASGI application", "tornado": "a Tornado application"}
    raise TargetError(
        "{} {}, which this version of Darter does not serve yet; it serves WSGI applications.".format(
            "This is" if wanted == "auto" else "--interface {} asks for".format(wanted), names.get(found, found)
        )
    )


def _detect(application: Any) -> str:
    tornado = sys.modules.get("tornado.web")
    if tornado is not None and isinstance(application, tornado.Application):
        return "tornado"
    while isinstance(application, functools.partial):
        application = application.func
    return "asgi" if _is_async(application) or _is_async(getattr(application, "__call__", None)) else "wsgi"


def _is_async(function: Any) -> bool:
    # Also what is marked as one, by inspect.markcoroutinefunction (3.12) or in asyncio's way; without importing either.
    for module, name in (("inspect", "_is_coroutine_mark"), ("asyncio.coroutines", "_is_coroutine")):
        mark = getattr(sys.modules.get(module), name, None)
        if mark is not None and getattr(function, name, None) is mark:
            return True
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & _COROUTINE)
