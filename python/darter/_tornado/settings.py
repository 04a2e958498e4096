"""What a ``tornado.httpserver.HTTPServer`` that is the target itself was told to do with requests."""

from __future__ import annotations

from darter._tornado.decompression import Decompression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

    from darter._tornado.connection import Connection

#: Tornado's ``idle_connection_timeout`` in seconds, where none is given.
_IDLE = 3600

#: What Tornado lets a body grow to, in bytes, where nothing is said: ``max_buffer_size`` of its streams.
_BUFFER = 104857600


class ServerSettings:
    """Those of its arguments that are the application's business; the others are the front's, see ``ignored``."""

    def __init__(self, server: Any) -> None:
        parameters = server.conn_params
        self._decompresses = bool(parameters.decompress)
        self._chunk_size = int(parameters.chunk_size)
        self._max_body_size: Optional[int] = parameters.max_body_size or server.max_buffer_size
        self._body_timeout: Optional[float] = parameters.body_timeout
        self._no_keep_alive = bool(parameters.no_keep_alive)
        self._protocol: Optional[str] = server.protocol
        #: Arguments that do not count, each with what takes its place.
        self.ignored: List[str] = []
        if server.ssl_options is not None:
            self.ignored.append("ssl_options (--certfile and --keyfile)")
        if server.xheaders or server.trusted_downstream:
            self.ignored.append("xheaders and trusted_downstream (--forwarded-allow-ips)")
        if parameters.max_header_size != 65536:
            self.ignored.append("max_header_size (--limit-request-field-size)")
        if parameters.header_timeout != _IDLE:
            self.ignored.append("idle_connection_timeout (--keep-alive)")

    @classmethod
    def of(cls, application: Any) -> Optional[ServerSettings]:
        """Those of a server; None if the application is none."""
        return cls(application) if hasattr(application, "conn_params") else None

    def apply(self, connection: Connection) -> None:
        """Has them count for a request. What its handler says of itself comes later."""
        connection.max_body_size = self._max_body_size
        connection.body_timeout = self._body_timeout
        connection.no_keep_alive = self._no_keep_alive
        if self._protocol:
            connection.context.protocol = self._protocol

    def wrap(self, delegate: Any, connection: Connection) -> Any:
        """The delegate of a request, as it gets a body that may be compressed."""
        if not self._decompresses:
            return delegate
        return Decompression(delegate, self._chunk_size, lambda: connection.max_body_size or _BUFFER)
