"""Gives requests to a Tornado application, and to it alone: what a server of Tornado does between reading and writing."""

from __future__ import annotations

import asyncio

from tornado import httputil

from darter._tornado.connection import Connection
from darter._tornado.requests import Callback
from darter._tornado.settings import ServerSettings
from darter._tornado.websocket import WebSocketConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict

    Scope = Dict[str, Any]
    Receive = Callable[[], Awaitable[Dict[str, Any]]]
    Send = Callable[[Dict[str, Any]], Awaitable[None]]

_VERSIONS = {"1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2.0", "3": "HTTP/3.0"}


class Host:
    """A Tornado application as ``host(scope, receive, send)``."""

    def __init__(self, application: Any) -> None:
        """*application*: an ``HTTPServerConnectionDelegate``, or what is called with each ``HTTPServerRequest``."""
        is_delegate = isinstance(application, httputil.HTTPServerConnectionDelegate)
        self._delegate = application if is_delegate else Callback(application)
        # The front's connections are not told of here, so each request counts as one. A server of Tornado knows only its own.
        self.settings = ServerSettings.of(application)
        hears_end = type(self._delegate).on_close is not httputil.HTTPServerConnectionDelegate.on_close and self.settings is None
        self._on_close = self._delegate.on_close if hears_end else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            connection = Connection(scope, send)
            serve = self._request
        elif scope["type"] == "websocket":
            connection = WebSocketConnection(scope, receive, send)
            serve = self._websocket
        else:
            raise ValueError("a Tornado application serves no scope of the type {!r}".format(scope["type"]))
        if self.settings is not None:
            self.settings.apply(connection)
        try:
            await serve(scope, receive, connection)
        except asyncio.CancelledError:
            if not connection.is_broken:
                connection.cancel_handler()
                raise
        finally:
            if self._on_close is not None:
                self._on_close(connection.context)

    async def _request(self, scope: Scope, receive: Receive, connection: Connection) -> None:
        delegate = self._delegate.start_request(connection.context, connection)
        if self.settings is not None:
            delegate = self.settings.wrap(delegate, connection)
        is_read = False
        try:
            is_read = await self._read(scope, receive, connection, delegate)
        except httputil.HTTPInputError:
            if connection.is_started:
                connection.close()
            else:
                connection.refuse(400, "Bad Request")
        finally:
            if not is_read:
                # As Tornado does when the response is there before the body is.
                delegate.on_connection_close()
        while not (connection.is_finished and connection.output.is_drained) and not connection.stream.is_closed:
            # It comes when the client leaves; or when the response is complete, so that this needs no task of its own.
            message = await receive()
            if message["type"] == "http.disconnect":
                if not connection.is_finished:
                    connection.disconnected()
                    await connection.finished()
                return

    async def _read(self, scope: Scope, receive: Receive, connection: Connection, delegate: Any) -> bool:
        """Gives head and body to the application. False: the body was not read to its end."""
        headers = _headers(scope)
        waiting = delegate.headers_received(_start_line(scope), headers)
        if waiting is not None:
            await waiting
        if connection.max_body_size is not None and int(headers.get("Content-Length", 0)) > connection.max_body_size:
            raise httputil.HTTPInputError("Content-Length too long")
        reading = self._read_body(receive, connection, delegate)
        if connection.body_timeout is None:
            is_read = await reading
        else:
            try:
                is_read = await asyncio.wait_for(reading, connection.body_timeout)
            except asyncio.TimeoutError:
                if not connection.is_started:
                    connection.refuse(408, "Request Timeout")
                return False
        if is_read and not connection.is_finished:
            delegate.finish()
            return True
        return False

    @staticmethod
    async def _read_body(receive: Receive, connection: Connection, delegate: Any) -> bool:
        size = 0
        while not connection.is_finished:
            message = await receive()
            if message["type"] == "http.disconnect":
                connection.stream.is_closed = True
                return False
            body = message["body"]
            if body:
                size += len(body)
                if connection.max_body_size is not None and size > connection.max_body_size:
                    raise httputil.HTTPInputError("body too large")
                waiting = delegate.data_received(body)
                if waiting is not None:
                    await waiting
            if not message["more_body"]:
                return True
        return False

    async def _websocket(self, scope: Scope, receive: Receive, connection: Any) -> None:
        await receive()
        delegate = self._delegate.start_request(connection.context, connection)
        headers = _headers(scope)
        # Over HTTP/2 there are no such fields (RFC 8441, section 5); handlers look at them.
        headers["Upgrade"] = "websocket"
        headers["Connection"] = "Upgrade"
        try:
            waiting = delegate.headers_received(_start_line(scope), headers)
            if waiting is not None:
                await waiting
        except httputil.HTTPInputError:
            connection.refuse(400, "Bad Request")
        else:
            if connection.is_finished:
                delegate.on_connection_close()
            else:
                delegate.finish()
        await connection.ended
        await connection.output.drain()


def _start_line(scope: Scope) -> httputil.RequestStartLine:
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    version = scope["http_version"]
    return httputil.RequestStartLine(scope.get("method", "GET"), target, _VERSIONS.get(version, "HTTP/" + version))


def _headers(scope: Scope) -> httputil.HTTPHeaders:
    headers = httputil.HTTPHeaders()
    for name, value in scope["headers"]:
        headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return headers
