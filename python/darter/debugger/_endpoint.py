"""Answers what the page's script asks: whether a PIN is right, and what code in a frame prints."""

from __future__ import annotations

import json

from darter.debugger._answer import Answer
from darter.debugger._guard import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Dict, Optional

    from darter.debugger._guard import Guard
    from darter.debugger._history import History
    from darter.debugger._request import Request

#: The largest body of a request, in bytes.
LARGEST = 1 << 20


class Endpoint:
    def __init__(self, guard: Guard, history: History) -> None:
        self._guard = guard
        self._history = history

    def refuse(self, request: Request) -> Optional[Answer]:
        """The answer to a request that is not even to be read; None if it is."""
        if request.method != "POST":
            return _say(405, "Only POST.", ("Allow", "POST"))
        why = self._guard.why_not(request)
        if why is not None:
            return _say(403, why)
        if not self._guard.has_origin(request):
            return _say(403, "Only pages of this server may ask this.")
        if request.header("content-type").partition(";")[0].strip().lower() != "application/json":
            return _say(415, "Only JSON.")
        length = request.header("content-length")
        if not (length.isascii() and length.isdigit()):
            return _say(411, "The request must have a Content-Length.")
        return _say(413, "That is too long.") if int(length) > LARGEST else None

    def answer(self, request: Request, path: str, body: bytes, base: str, loop: Optional[asyncio.AbstractEventLoop] = None) -> Answer:
        """Answers a request that was not refused; may take as long as the code that is run."""
        try:
            asked = json.loads(body.decode("utf-8"))
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return _say(400, "That is no JSON object.")
        if not self._guard.has_secret(asked.get("secret")):
            return _say(410, "This page is of a process that has ended. Reload it.")
        if path == PREFIX + "pin":
            return self._take_pin(request, asked, base)
        if path == PREFIX + "known":
            # Only here is the cookie sent: it is of no concern to the application.
            return Answer.json(200, {"known": self._guard.has_cookie(request)})
        if path == PREFIX + "evaluate":
            return self._evaluate(request, asked, loop)
        return _say(404, "There is nothing here.")

    def _take_pin(self, request: Request, asked: Dict[str, Any], base: str) -> Answer:
        outcome, wait = self._guard.try_pin(asked.get("pin"))
        if outcome == "right":
            return Answer.json(200, {"ok": True}, ("Set-Cookie", self._guard.new_cookie(request, base)))
        if outcome == "locked":
            return _say(423, "Too many wrong PINs: the console is locked until the server is started again.")
        seconds = max(1, int(wait + 0.999))
        text = "That is not the PIN." if outcome == "wrong" else "Wait {} s before the next attempt.".format(seconds)
        return Answer.json(403 if outcome == "wrong" else 429, {"error": text, "wait": wait}, ("Retry-After", str(seconds)))

    def _evaluate(self, request: Request, asked: Dict[str, Any], loop: Optional[asyncio.AbstractEventLoop]) -> Answer:
        if not self._guard.has_cookie(request):
            return Answer.json(401, {"error": "The PIN is needed."})
        record = self._history.find(asked.get("record"))
        if record is None:
            return _say(410, "This exception is not kept any more. Reload the page to have it again.")
        console = record.console(asked.get("frame"), loop)
        code = asked.get("code")
        if console is None or not isinstance(code, str):
            return _say(400, "The frame or the code is missing.")
        output, more = console.evaluate(code)
        return Answer.json(200, {"output": output, "more": more})


def _say(status: int, text: str, *headers: Any) -> Answer:
    return Answer.json(status, {"error": text}, *headers)
