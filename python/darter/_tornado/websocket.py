"""WebSockets of Tornado's handlers."""

from __future__ import annotations

import asyncio

from tornado import gen
from tornado.escape import json_encode, to_unicode, utf8
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from darter._tornado.connection import DETACH, Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, List, Optional, Union

    from tornado import httputil

#: Fields of the handshake, which is the front's business.
_HANDSHAKE = frozenset((b"connection", b"upgrade", b"sec-websocket-accept", b"sec-websocket-extensions", b"sec-websocket-protocol"))

#: Methods of a handler that make no sense on a WebSocket, as Tornado has it.
_HTTP_METHODS = ("write", "redirect", "set_header", "set_cookie", "set_status", "flush", "finish")

#: Close codes that stand for "none was given" and "the connection was lost" (RFC 6455, section 7.4.1).
_NO_CODES = (1005, 1006)


class WebSocketConnection(Connection):
    """``request.connection`` of a request for a WebSocket: answered with 101 it is one, with anything else it is denied."""

    start_type = "websocket.http.response.start"
    body_type = "websocket.http.response.body"

    def __init__(self, scope: Dict[str, Any], receive: Callable[[], Awaitable[Dict[str, Any]]], send: Any) -> None:
        super().__init__(scope, send)
        self.receive = receive
        self.subprotocols: List[str] = list(scope.get("subprotocols", ()))
        self.is_open = False
        #: Whether the handler wants to hear of the client's pings, which the front answers.
        self.watches_pings = False
        #: Done when the WebSocket is closed, or denied.
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def found_handler(self, handler: Any) -> None:
        """Gives this handler, and no other of its class, a protocol that is not Tornado's own."""
        super().found_handler(handler)
        if hasattr(handler, "get_websocket_protocol"):
            self.watches_pings = type(handler).on_ping is not WebSocketHandler.on_ping
            handler.get_websocket_protocol = lambda: Protocol(handler, self)

    def finish(self) -> None:
        if self.is_open:
            self.is_finished = True
            self.set_close_callback(None)
            return
        super().finish()
        self.end()

    def close(self) -> None:
        if self.is_open:
            self.stream.is_closed = True
        else:
            super().close()

    def detach(self) -> None:
        """Always an error; the handler goes on, and closes with 1011 unless it catches it."""
        if self.is_open:
            raise RuntimeError(DETACH)
        super().detach()

    def end(self) -> None:
        """Nothing more is to come."""
        if not self.ended.done():
            self.ended.set_result(None)

    def _start(self, status: int, reason: str, headers: httputil.HTTPHeaders) -> "asyncio.Future[None]":
        if status != 101:
            return super()._start(status, reason, headers)
        self.is_open = True
        self.output.error = WebSocketClosedError
        return self.output.send(
            {
                "type": "websocket.accept",
                "subprotocol": headers.get("Sec-WebSocket-Protocol"),
                "headers": [field for field in self.fields(headers) if field[0] not in _HANDSHAKE],
                "pings": self.watches_pings,
            }
        )


class Protocol:
    """``handler.ws_connection``, with what handlers use of ``tornado.websocket.WebSocketProtocol``. Frames are the front's."""

    def __init__(self, handler: Any, connection: WebSocketConnection) -> None:
        self.handler = handler
        self.stream = connection.stream
        self.selected_subprotocol: Optional[str] = None
        self.client_terminated = False
        self.server_terminated = False
        self.close_code: Optional[int] = None
        self.close_reason: Optional[str] = None
        self._connection = connection

    async def accept_connection(self, handler: Any) -> None:
        """Answers the handshake and runs the handler until the WebSocket is closed."""
        connection = self._connection
        try:
            self._accept(handler)
            if not await self._run(handler.open, *handler.open_args, **handler.open_kwargs):
                return
            await self._receive()
            connection.stream.on_closed()
            handler.on_ws_connection_close(self.close_code, self.close_reason)
        except asyncio.CancelledError:
            # The worker ends before its time, or the request takes too long.
            self._abort()
        finally:
            if connection.is_open or connection.is_finished:
                connection.end()

    def is_closing(self) -> bool:
        """Whether a side has begun to close."""
        return self.client_terminated or self.server_terminated

    def write_message(self, message: Union[str, bytes, Dict[str, Any]], binary: bool = False) -> "asyncio.Future[None]":
        """Sends a message; the future is done when the client has room for more."""
        if self.is_closing():
            raise WebSocketClosedError()
        if isinstance(message, dict):
            message = json_encode(message)
        content: Dict[str, Any] = {"type": "websocket.send"}
        if binary:
            content["bytes"] = utf8(message)
        else:
            content["text"] = to_unicode(message)
        return self._connection.output.send(content)

    def write_ping(self, data: bytes) -> None:
        """Sends a ping."""
        if len(data) > 125:
            raise ValueError("control frame payloads may not exceed 125 bytes")
        self._connection.output.send({"type": "websocket.ping", "bytes": data})

    def close(self, code: Optional[int] = None, reason: Optional[str] = None) -> None:
        """Closes with this code; what the client has sent and the handler has not seen is dropped."""
        if self.server_terminated:
            return
        if not self.client_terminated:
            self._connection.output.send({"type": "websocket.close", "code": 1000 if code is None else code, "reason": reason or ""})
        self.server_terminated = True

    def set_nodelay(self, x: bool) -> None:
        """The front never waits for more to send."""

    def on_connection_close(self) -> None:
        """The handler is done."""
        self._abort()

    def _accept(self, handler: Any) -> None:
        offered = self._connection.subprotocols
        chosen = handler.select_subprotocol(offered)
        if chosen:
            assert chosen in offered
            self.selected_subprotocol = chosen
            handler.set_header("Sec-WebSocket-Protocol", chosen)
        handler.clear_header("Content-Type")
        handler.set_status(101)
        handler.finish()
        del handler.get_websocket_protocol
        for method in _HTTP_METHODS:
            setattr(handler, method, _refuse)

    async def _receive(self) -> None:
        receive = self._connection.receive
        handler = self.handler
        limit = handler.max_message_size
        while True:
            message = await receive()
            kind = message["type"]
            if kind == "websocket.receive":
                content = message.get("text")
                if content is None:
                    content = message["bytes"]
                if len(content) * 4 > limit and len(utf8(content)) > limit:
                    self.close(1009, "message too big")
                else:
                    await self._run(handler.on_message, content)
            elif kind == "websocket.pong":
                await self._run(handler.on_pong, message["bytes"])
            elif kind == "websocket.ping":
                await self._run(handler.on_ping, message["bytes"])
            else:
                break
        self.client_terminated = True
        code = message.get("code")
        self.close_code = None if code in _NO_CODES else code
        self.close_reason = message.get("reason") or None

    async def _run(self, callback: Callable[..., Any], *arguments: Any, **named: Any) -> bool:
        """Calls the handler and waits for what it returns, so that it gets one message at a time. False: it failed."""
        try:
            result = callback(*arguments, **named)
            if result is not None:
                await (result if asyncio.iscoroutine(result) else gen.convert_yielded(result))
        except Exception as error:
            self.handler.log_exception(type(error), error, error.__traceback__)
            self._abort()
            return False
        return True

    def _abort(self) -> None:
        """Something failed: the client is told so."""
        if self.is_closing():
            return
        self.close(1011)


def _refuse(*arguments: Any, **named: Any) -> None:
    raise RuntimeError("Method not supported for Web Sockets")
