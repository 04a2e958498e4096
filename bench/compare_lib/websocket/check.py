"""The check before measuring: every server echoes the same messages and ends a WebSocket as the client asks."""

from __future__ import annotations

from contextlib import ExitStack

from ..check import CheckError
from ..model import Workload
from .client import Client
from .protocol import BINARY, NORMAL_CLOSURE, TEXT, ProtocolError

_TIMEOUT_SECONDS = 3.0
_WEBSOCKETS_AT_ONCE = 8


def check_websocket(port: int, workload: Workload) -> None:
    """Opens several WebSockets at once; each must echo text and bytes and answer the close frame.

    Raises CheckError.
    """
    text = ("é" + "x" * workload.message_size).encode()
    binary = bytes(index % 256 for index in range(workload.message_size))
    try:
        with ExitStack() as stack:
            clients = [
                stack.enter_context(Client(port, workload.path, _TIMEOUT_SECONDS)) for _ in range(_WEBSOCKETS_AT_ONCE)
            ]
            for client in clients:
                for message in ((TEXT, text), (BINARY, binary)):
                    if client.exchange(*message) != message:
                        raise CheckError("a message does not come back as it was sent")
                if client.close() != NORMAL_CLOSURE:
                    raise CheckError("a close frame with code 1000 is answered with another code")
    except (OSError, ProtocolError) as error:
        raise CheckError(f"no WebSocket: {error}") from error
