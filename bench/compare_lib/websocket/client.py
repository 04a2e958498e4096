"""One WebSocket, blocking: for the check, and to open the connections of the load."""

from __future__ import annotations

import socket
from typing import Tuple

from .protocol import (
    CLOSE,
    NORMAL_CLOSURE,
    PING,
    PONG,
    ProtocolError,
    client_frame,
    handshake,
    read_frame,
    verify_handshake,
)


class Client:
    """An open WebSocket; the handshake is done when it is made.

    Raises ProtocolError and OSError, here and in all methods.
    """

    def __init__(self, port: int, path: str, timeout: float) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._received = b""
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open(path)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def exchange(self, opcode: int, payload: bytes) -> Tuple[int, bytes]:
        """Sends a message and returns the opcode and payload of the next one."""
        self.socket.sendall(client_frame(opcode, payload))
        return self._next()

    def close(self) -> bytes:
        """Starts the closing handshake and returns the payload of the server's close frame."""
        opcode, payload = self.exchange(CLOSE, NORMAL_CLOSURE)
        if opcode != CLOSE:
            raise ProtocolError(f"a close frame is answered with opcode {opcode}")
        return payload

    def _open(self, path: str) -> None:
        request, accept = handshake(path)
        self.socket.sendall(request)
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        verify_handshake(head, accept)

    def _next(self) -> Tuple[int, bytes]:
        while True:
            frame = read_frame(self._received)
            if frame is None:
                self._receive()
                continue
            opcode, payload, length = frame
            self._received = self._received[length:]
            if opcode != PING:
                return opcode, payload
            self.socket.sendall(client_frame(PONG, payload))

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ProtocolError("the server closed the connection")
        self._received += data
