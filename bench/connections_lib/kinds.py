"""The kinds of connections that stay open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict

MESSAGE = b"0123456789abcdef"
"""What is broadcast."""

_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass(frozen=True)
class Kind:
    name: str
    title: str
    request: bytes
    """What the client sends when it is connected."""
    opened: bytes
    """What it has received when the connection is open; empty: nothing comes before a broadcast."""
    received: bytes
    """What it has received when the broadcast has reached it."""
    again: bool
    """Whether the request must be sent again after a broadcast."""


KINDS: Dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("ws", "WebSockets", _HANDSHAKE, b"\r\n\r\n", MESSAGE, again=False),
        Kind("sse", "event streams", b"GET /events HTTP/1.1\r\nHost: bench\r\n\r\n", b": hello\n\n", MESSAGE, again=False),
        Kind("poll", "long polls", b"GET /poll HTTP/1.1\r\nHost: bench\r\n\r\n", b"", MESSAGE, again=True),
    )
}
