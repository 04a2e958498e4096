"""What is known of the connection that a request came on."""

from __future__ import annotations

import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple


class Context:
    """``request.connection.context``, with the attributes that Tornado's own server gives it.

    The front has seen to what proxies say of the client, so there is nothing to be done for ``xheaders``.
    """

    def __init__(self, scope: Dict[str, Any]) -> None:
        client: Optional[Tuple[str, int]] = scope.get("client")
        self.protocol = "https" if scope["scheme"] in ("https", "wss") else "http"
        self.address: Any = client
        if client is None:
            # A Unix socket: Tornado says this, lest applications that want an address be surprised.
            self.remote_ip = "0.0.0.0"
            self.address_family: Optional[int] = socket.AF_UNIX
        else:
            self.remote_ip = client[0]
            self.address_family = socket.AF_INET6 if ":" in client[0] else socket.AF_INET

    def __str__(self) -> str:
        return str(self.remote_ip)

    def _apply_xheaders(self, headers: Any) -> None:
        """Called by an ``HTTPServer`` with ``xheaders`` that is the target itself."""

    def _unapply_xheaders(self) -> None:
        """The end of that."""


class Stream:
    """``request.connection.stream``: what applications ask an IOStream without reading or writing. There is no socket here."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._callback: Optional[Callable[[], Any]] = None
        self.is_closed = False

    def closed(self) -> bool:
        """Whether the client is gone."""
        return self.is_closed

    def close(self, exc_info: Any = False) -> None:
        """Breaks the connection off."""
        if not self.is_closed:
            self._close()

    def set_close_callback(self, callback: Optional[Callable[[], Any]]) -> None:
        """Has it called when the client is gone."""
        self._callback = callback

    def set_nodelay(self, value: bool) -> None:
        """The front never waits for more to send."""

    def on_closed(self) -> None:
        """The client is gone."""
        self.is_closed = True
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()
