"""The client's side of RFC 6455: the opening handshake, and frames of single-frame messages."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from typing import Optional, Tuple

TEXT = 1
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

NORMAL_CLOSURE = (1000).to_bytes(2, "big")
"""The payload of a close frame without a reason."""

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_FIN = 0x80
_MASKED = 0x80
_STATUS = re.compile(rb"HTTP/1\.1 101 ")
_ACCEPT = re.compile(rb"^sec-websocket-accept:\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


class ProtocolError(Exception):
    """The server does not speak the protocol, or refuses it."""


def handshake(path: str) -> Tuple[bytes, bytes]:
    """The request, and the Sec-WebSocket-Accept that must come back. No extension is offered: no compression."""
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    return request.encode(), base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest())


def verify_handshake(head: bytes, accept: bytes) -> None:
    """Raises ProtocolError unless the response's head opens the WebSocket that was asked for."""
    if not _STATUS.match(head):
        raise ProtocolError(f"the handshake is answered with {head[:60]!r}")
    found = _ACCEPT.search(head)
    if found is None or found.group(1) != accept:
        raise ProtocolError("Sec-WebSocket-Accept is not the key's")


def client_frame(opcode: int, payload: bytes) -> bytes:
    """A masked frame, the only one of its message."""
    head = bytearray(_head(opcode, len(payload)))
    head[1] |= _MASKED
    mask = os.urandom(4)
    return bytes(head) + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def server_frame(opcode: int, payload: bytes) -> bytes:
    """The frame in which a server sends the message, if it does not fragment it."""
    return _head(opcode, len(payload)) + payload


def read_frame(data: bytes) -> Optional[Tuple[int, bytes, int]]:
    """Opcode, payload and length of the first frame that a server sent; None while it is not complete.

    Raises ProtocolError when it is masked, fragmented, or has reserved bits set.
    """
    if len(data) < 2:
        return None
    if data[0] & 0xF0 != _FIN or data[1] & _MASKED:
        raise ProtocolError(f"a frame begins with {data[:2].hex()}")
    length, start = data[1], 2
    if length > 125:
        start += 2 if length == 126 else 8
        if len(data) < start:
            return None
        length = int.from_bytes(data[2:start], "big")
    end = start + length
    return (data[0] & 0x0F, data[start:end], end) if len(data) >= end else None


def _head(opcode: int, length: int) -> bytes:
    if length < 126:
        return bytes((_FIN | opcode, length))
    if length < 65536:
        return bytes((_FIN | opcode, 126)) + length.to_bytes(2, "big")
    return bytes((_FIN | opcode, 127)) + length.to_bytes(8, "big")
