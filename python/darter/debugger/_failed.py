"""An application in the place of one that did not load."""

from __future__ import annotations

import re

from darter.debugger._answer import Answer
from darter.debugger._page import Failure
from darter.debugger._request import Request
from darter.debugger._text import hide_darter, json_of, traceback_text
from darter.debugger._trace import Trace
from darter.target import StartupError, TargetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List

    from darter.debugger._debugger import Debugger

_TITLE = "The application did not load"


class Failed:
    """A WSGI application that answers 500 to everything."""

    def __init__(self, debugger: Debugger, error: BaseException) -> None:
        self._debugger = debugger
        cause = error.__cause__ if isinstance(error, StartupError) else None
        # Of an application that does not start by an exception, that is what is of interest.
        self._error = error if cause is None else cause
        hide_darter(self._error)
        self._trace = Trace(self._error)
        if isinstance(self._error, (TargetError, StartupError)):
            # Where in Darter it was raised is of no interest.
            heading = "No application" if isinstance(self._error, TargetError) else "The startup failed"
            self._failure = Failure(_TITLE, heading, _without_control(str(self._error)))
            self._text = self._failure.explanation + "\n"
            self._record = None
        else:
            self._failure = Failure(_TITLE)
            self._text = traceback_text(self._error)
            self._record = debugger.keep(self._trace)

    def __call__(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> List[bytes]:
        request = Request.of_environ(environ)
        answer = self._answer(request)
        start_response(answer.status_line, answer.headers)
        return [] if request.method == "HEAD" else [answer.body]

    def _answer(self, request: Request) -> Answer:
        if not self._debugger.guard.may_read(request):
            return self._debugger.hidden(request)
        if request.wanted == "html":
            return self._debugger.page(self._trace, self._record, request, self._text, self._failure)
        if request.wanted == "json":
            return Answer.json(500, dict(json_of(self._error, self._text), error=_TITLE))
        return Answer(500, "text/plain; charset=utf-8", "{}.\n\n{}".format(_TITLE, self._text))


def _without_control(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text)
