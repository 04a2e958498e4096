"""The debugger around an ASGI application."""

from __future__ import annotations

import asyncio

from darter._asgi import Settings, comes_from_disconnect
from darter.debugger._guard import PREFIX
from darter.debugger._request import Request
from darter.interface import asgi_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, List

    from darter.debugger._answer import Answer
    from darter.debugger._debugger import Debugger

    Message = Dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

#: A larger body of a response 500 says more than that there was an error, and is sent.
_LARGEST_HELD = 2048


class Wrapper:
    """An ASGI application."""

    def __init__(self, debugger: Debugger, application: Callable[..., Any]) -> None:
        self._debugger = debugger
        self._application = asgi_callable(application)

    async def __call__(self, scope: Dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        path = _path_of(scope)
        if path.startswith(PREFIX):
            request = Request.of_scope(scope)
            await _send(await self._endpoint(request, path, receive), request, send)
            return
        response = _Response(send)
        try:
            await self._application(scope, receive, response.send)
        except Exception as error:
            if response.has_begun or comes_from_disconnect(error):
                raise
            request = Request.of_scope(scope)
            answer = self._debugger.answer(error, request)
            # First: that the client has left by now must not keep it from being logged.
            Settings.report(scope, error, "", False)
            await _send(answer, request, send)
        else:
            await response.release()

    async def _endpoint(self, request: Request, path: str, receive: Receive) -> Answer:
        endpoint = self._debugger.endpoint
        answer = endpoint.refuse(request)
        if answer is not None:
            return answer
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message["type"] == "http.request" and message.get("more_body", False)
        # What is typed may take long, and the loop has other things to do.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, endpoint.answer, request, path, bytes(body), request.debugger_path, loop)


class _Response:
    """Sends what the application sends, but holds back a plain response 500 until the application has ended.

    Starlette, and FastAPI with it, sends "Internal Server Error" and then raises the exception: the page is to take its place.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: List[Message] = []
        #: Whether something was sent that cannot be taken back.
        self.has_begun = False

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start" and not self.has_begun and not self._held and _is_plain_failure(message):
            self._held.append(message)
        elif kind == "http.response.body" and self._held and self._fits(message):
            self._held.append(message)
        else:
            if kind in _OF_RESPONSE:
                await self.release()
                self.has_begun = True
            await self._send(message)

    async def release(self) -> None:
        """Sends what was held back."""
        held, self._held = self._held, []
        for message in held:
            self.has_begun = True
            await self._send(message)

    def _fits(self, message: Message) -> bool:
        size = sum(len(held.get("body", b"")) for held in self._held) + len(message.get("body", b""))
        return size <= _LARGEST_HELD and not message.get("more_body", False)


#: Messages that are a part of the response; 103 (Early Hints) comes before it, and ``http.response.debug`` is none.
_OF_RESPONSE = (
    "http.response.start",
    "http.response.body",
    "http.response.pathsend",
    "http.response.zerocopysend",
    "http.response.trailers",
)


def _is_plain_failure(message: Message) -> bool:
    """Whether it is a 500 without a page of its own, such as Starlette's with ``debug=True``."""
    if message.get("status") != 500 or message.get("trailers"):
        return False
    for name, value in message.get("headers", ()):
        if bytes(name).lower() == b"content-type" and bytes(value).lower().startswith((b"text/html", b"application/xhtml")):
            return False
    return True


def _path_of(scope: Dict[str, Any]) -> str:
    """The path within the application."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root + "/") else path


async def _send(answer: Answer, request: Request, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})
