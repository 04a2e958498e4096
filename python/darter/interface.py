"""Tells which interface an application has."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any

from darter.target import TargetError


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
    call = getattr(application, "__call__", None)
    return "asgi" if inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call) else "wsgi"
