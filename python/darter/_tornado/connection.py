"""The connection of a request, as Tornado's applications write to it."""

from __future__ import annotations

import asyncio
import functools
from http.client import responses

from tornado import httputil
from tornado.escape import native_str
from tornado.iostream import StreamClosedError

from darter._tornado.context import Context, Stream
from darter._tornado.output import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

    Fields = List[Tuple[bytes, bytes]]

#: Seconds between looks after a client that has ended its side of the connection.
_PROBE = 1.0

DETACH = (
    "detach() takes the socket of a request away from the server. Here the socket belongs to the front, a process that "
    "serves other requests with it; a WebSocketHandler needs none."
)


@functools.lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    """A field's name as ASGI has it. Responses have few different ones."""
    return native_str(name).lower().encode("latin-1")


class Connection(httputil.HTTPConnection):
    """``request.connection``: one request and its response."""

    start_type = "http.response.start"
    body_type = "http.response.body"

    def __init__(self, scope: Dict[str, Any], send: Callable[[Dict[str, Any]], Awaitable[None]]) -> None:
        self.context = Context(scope)
        self.stream = Stream(self.close)
        self.no_keep_alive = False
        self.max_body_size: Optional[int] = None
        self.body_timeout: Optional[float] = None
        #: Whether the application has finished the response.
        self.is_finished = False
        #: Whether it is to end without one.
        self.is_broken = False
        #: The handler of the request, once it is known.
        self.handler: Any = None
        self.output = Output(send, StreamClosedError)
        self._is_head = scope.get("method") == "HEAD"
        self._is_started = False
        self._is_complete = False
        self._remaining: Optional[int] = None
        self._is_closed = False
        self._finishing: Optional[asyncio.Future[None]] = None
        self._close_callback: Optional[Callable[[], Any]] = None
        self._task = asyncio.current_task()

    @property
    def is_started(self) -> bool:
        """Whether the application has begun to answer."""
        return self._is_started

    def write_headers(
        self,
        start_line: Any,
        headers: httputil.HTTPHeaders,
        chunk: Optional[bytes] = None,
    ) -> "asyncio.Future[None]":
        """Starts the response. A chunk that is all of it goes with its end, in one message."""
        status = start_line.code
        length = headers.get("Content-Length")
        if self._is_head or status in (204, 304):
            # RFC 9110, sections 9.3.2, 15.3.5 and 15.4.5: whatever the length says, there is no body.
            self._remaining = 0
        else:
            self._remaining = None if length is None else int(length)
        self._is_started = True
        if self._is_closed:
            return self.output.failed()
        future = self._start(status, start_line.reason, headers)
        return self.write(chunk or b"") if chunk or self._remaining == 0 else future

    def write(self, chunk: bytes) -> "asyncio.Future[None]":
        """Sends a part of the body."""
        if self._is_head:
            chunk = b""
        if self._remaining is not None:
            self._remaining -= len(chunk)
            if self._remaining < 0:
                self.close()
                raise httputil.HTTPOutputError("Tried to write more data than Content-Length")
        if self._is_closed:
            return self.output.failed()
        if self._is_complete:
            return self.output.done()
        self._is_complete = self._remaining == 0
        return self.output.send({"type": self.body_type, "body": chunk, "more_body": not self._is_complete})

    def finish(self) -> None:
        """Ends the response."""
        if self._remaining and not self._is_closed:
            self.close()
            raise httputil.HTTPOutputError("Tried to write {} bytes less than Content-Length".format(self._remaining))
        self.is_finished = True
        self.handler = self._close_callback = None
        if not self._is_complete and not self._is_closed:
            self._is_complete = True
            self.output.send({"type": self.body_type, "body": b"", "more_body": False})
        if self._finishing is not None and not self._finishing.done():
            self._finishing.set_result(None)

    def set_close_callback(self, callback: Optional[Callable[[], Any]]) -> None:
        """Has it called when the client leaves before the response is finished."""
        self._close_callback = callback
        if callback is not None:
            self.found_handler(getattr(callback, "__self__", None))

    def found_handler(self, handler: Any) -> None:
        """A handler that is being made has shown itself, by the callback it gives."""
        self.handler = handler

    def set_max_body_size(self, max_body_size: int) -> None:
        """Limits the body of this request."""
        self.max_body_size = max_body_size

    def set_body_timeout(self, timeout: float) -> None:
        """Limits the time for reading the body, in seconds; 0: no limit."""
        self.body_timeout = timeout or None

    def close(self) -> None:
        """Breaks the connection off."""
        self.stream.is_closed = self._is_closed = True
        if not self.is_finished and not self.is_broken:
            self.is_broken = True
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()

    def detach(self) -> None:
        """Always an error. For ``RequestHandler.detach()`` the handler has done its part then, so the client is told here."""
        if self.is_started:
            self.close()
        else:
            self.refuse(501, "Not Implemented")
        raise RuntimeError(DETACH)

    def disconnected(self) -> None:
        """The client is gone, or has ended its side of the connection."""
        callback, self._close_callback = self._close_callback, None
        self.stream.on_closed()
        if callback is not None:
            callback()

    async def finished(self) -> None:
        """Returns when the response is finished, or nobody waits for it: a client that has ended its side may still do."""
        self._finishing = asyncio.get_running_loop().create_future()
        while not (self.is_finished or self._is_closed) and not await self.output.is_refused():
            await asyncio.wait({self._finishing}, timeout=_PROBE)
        await self.output.drain()

    def refuse(self, status: int, reason: str) -> None:
        """Answers in the application's place."""
        headers = httputil.HTTPHeaders({"Content-Length": "0", "Connection": "close"})
        self.write_headers(httputil.ResponseStartLine("HTTP/1.1", status, reason), headers)
        self.finish()

    def cancel_handler(self) -> None:
        """The request takes too long: what the handler runs is cancelled, as the task of an ASGI application is."""
        handler = self.handler
        if handler is None:
            return
        for task in asyncio.all_tasks():
            frame = getattr(task.get_coro(), "cr_frame", None)
            if frame is not None and frame.f_code.co_name == "_execute" and frame.f_locals.get("self") is handler:
                task.cancel()

    def _start(self, status: int, reason: str, headers: httputil.HTTPHeaders) -> "asyncio.Future[None]":
        message = {"type": self.start_type, "status": status, "headers": self.fields(headers)}
        if reason and reason != responses.get(status):
            message["reason"] = reason.encode("latin-1")
        return self.output.send(message)

    def fields(self, headers: httputil.HTTPHeaders) -> Fields:
        """The fields of a response, as the gateway takes them."""
        fields = [(_name(name), native_str(value).encode("latin-1")) for name, value in headers.get_all()]
        if self.no_keep_alive:
            fields.append((b"connection", b"close"))
        return fields
