"""Whole requests for what is a function of one, such as ``tornado.wsgi.WSGIContainer``."""

from __future__ import annotations

from tornado import httputil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional


class Callback(httputil.HTTPServerConnectionDelegate):
    """Calls a function with each request, as ``tornado.httpserver.HTTPServer`` does with what is no delegate."""

    def __init__(self, function: Callable[[httputil.HTTPServerRequest], Any]) -> None:
        self._function = function

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        return _Collector(self._function, server_conn, request_conn)


class _Collector(httputil.HTTPMessageDelegate):
    def __init__(self, function: Callable[[httputil.HTTPServerRequest], Any], server_conn: object, request_conn: Any) -> None:
        self._function = function
        self._server = server_conn
        self._connection = request_conn
        self._request: Optional[httputil.HTTPServerRequest] = None
        self._chunks: List[bytes] = []

    def headers_received(self, start_line: Any, headers: httputil.HTTPHeaders) -> None:
        self._request = httputil.HTTPServerRequest(
            connection=self._connection, server_connection=self._server, start_line=start_line, headers=headers
        )

    def data_received(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def finish(self) -> None:
        request = self._request
        assert request is not None
        request.body = b"".join(self._chunks)
        httputil.parse_body_arguments(
            request.headers.get("Content-Type", ""), request.body, request.body_arguments, request.files, request.headers
        )
        for name, values in request.body_arguments.items():
            request.arguments.setdefault(name, []).extend(values)
        self._function(request)

    def on_connection_close(self) -> None:
        self._chunks = []
