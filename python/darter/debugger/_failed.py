"""An application in the place of one that did not load."""

from __future__ import annotations

import re

from darter.debugger._answer import Answer
from darter.debugger._request import Request
from darter.debugger._text import hide_darter, json_of, traceback_text
from darter.debugger._trace import Trace
from darter.target import StartupError, TargetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List

    from darter.debugger._debugger import Debugger


class Failed:
    """A WSGI application that answers 500 to everything."""

    def __init__(self, debugger: Debugger, error: BaseException) -> None:
        self._debugger = debugger
        cause = error.__cause__ if isinstance(error, StartupError) else None
        # Of an application that does not start by an exception, that is what is of interest.
        self._error = error if cause is None else cause
        hide_darter(self._error)
        self._explanation = ""
        if isinstance(self._error, (TargetError, StartupError)):
            self._explanation = _without_control(str(error))
        self._text = self._explanation + "\n" if self._explanation else traceback_text(self._error)
        self._trace = Trace(self._error)
        self._record = None if self._explanation else debugger.keep(self._trace)

    def __call__(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> List[bytes]:
        request = Request.of_environ(environ)
        answer = self._answer(request)
        start_response(answer.status_line, answer.headers)
        return [] if request.method == "HEAD" else [answer.body]

    def _answer(self, request: Request) -> Answer:
        if not self._debugger.guard.may_read(request):
            return self._debugger.hidden(request)
        if request.wanted == "html":
            return self._debugger.page(self._trace, self._record, request, self._text, self._explanation or "loading")
        text = "The application did not load.\n\n" + self._text
        if request.wanted == "json":
            return Answer.json(500, dict(json_of(self._error, self._text), error="The application did not load."))
        return Answer(500, "text/plain; charset=utf-8", text)


def _without_control(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text)
