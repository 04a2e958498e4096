"""The load generator: a program of its own, so that its CPU time is apart, in one thread as wrk is.

launch/websocket_load.py starts it. It keeps one message outstanding on each of the connections and prints what it
measured as JSON. The frames are made before, and a reply is compared with the one that is expected as a whole: a message
costs this program little more than its two system calls.
"""

from __future__ import annotations

import gc
import json
import select
import sys
import time
from typing import Dict, List, Sequence

from .client import Client
from .protocol import CLOSE, NORMAL_CLOSURE, PING, PONG, TEXT, ProtocolError, client_frame, read_frame, server_frame

TIMEOUT_SECONDS = 5
"""A message that comes back later is an error, as with wrk."""

_NANOSECONDS = 1_000_000_000


class _Connection:
    """One WebSocket and the message that is under way on it."""

    __slots__ = ("client", "receive", "send", "frame", "sent_at", "partial", "served")

    def __init__(self, client: Client, message: bytes) -> None:
        client.socket.setblocking(False)
        self.client = client
        self.receive = client.socket.recv
        self.send = client.socket.send
        self.frame = client_frame(TEXT, message)
        self.sent_at = 0
        self.partial = b""
        self.served = False

    def completes(self, data: bytes, echo: bytes) -> bool:
        """Takes what is not exactly the echo: a part of it, or another frame. Returns whether the echo is there."""
        if not data:
            raise ProtocolError("the server closed a WebSocket")
        self.partial += data
        while True:
            frame = read_frame(self.partial)
            if frame is None:
                return False
            opcode, payload, length = frame
            whole, self.partial = self.partial[:length], self.partial[length:]
            if whole == echo:
                return True
            if opcode != PING:
                raise ProtocolError(f"not the echo but a frame of opcode {opcode}")
            self.send(client_frame(PONG, payload))


def run(port: int, path: str, count: int, size: int, seconds: float) -> Dict[str, object]:
    """Opens the connections, keeps them busy for so long, and closes them."""
    message = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    connections = [_Connection(Client(port, path, TIMEOUT_SECONDS), message) for _ in range(count)]
    latencies: List[int] = []
    elapsed = _exchange(connections, server_frame(TEXT, message), seconds, latencies)
    errors = _errors(connections)
    _close(connections)
    latencies.sort()
    return {
        "messages": len(latencies),
        "messages_per_second": len(latencies) / elapsed,
        "p50_us": _quantile_us(latencies, 0.5),
        "p99_us": _quantile_us(latencies, 0.99),
        "errors": errors,
    }


def _exchange(connections: Sequence[_Connection], echo: bytes, seconds: float, latencies: List[int]) -> float:
    """The loop that is measured; adds a latency in nanoseconds for each message and returns the seconds it took."""
    clock = time.monotonic_ns
    by_descriptor = {one.client.socket.fileno(): one for one in connections}
    done = latencies.append
    # Nothing here makes reference cycles, and a collection would be a pause that looks like the server's.
    gc.disable()
    with select.epoll() as epoll:
        for descriptor in by_descriptor:
            epoll.register(descriptor, select.EPOLLIN)
        started = now = clock()
        deadline = started + int(seconds * _NANOSECONDS)
        for one in connections:
            one.sent_at = clock()
            one.send(one.frame)
        while now < deadline:
            events = epoll.poll(TIMEOUT_SECONDS, 1024)
            now = clock()
            if not events:
                break
            for descriptor, _ in events:
                one = by_descriptor[descriptor]
                data = one.receive(65536)
                if data != echo or one.partial:
                    if not one.completes(data, echo):
                        continue
                now = clock()
                done(now - one.sent_at)
                one.served = True
                one.sent_at = now
                one.send(one.frame)
    gc.enable()
    return (clock() - started) / _NANOSECONDS


def _errors(connections: Sequence[_Connection]) -> object:
    """A server that lets some WebSockets starve is not faster for it."""
    starved = sum(not one.served for one in connections)
    now = time.monotonic_ns()
    late = sum(now - one.sent_at > TIMEOUT_SECONDS * _NANOSECONDS for one in connections if one.served)
    if starved or late:
        return f"{starved} WebSockets were not served at all, {late} waited for more than {TIMEOUT_SECONDS} s"
    return None


def _close(connections: Sequence[_Connection]) -> None:
    """The closing handshake: a server's log of lost connections is not part of the work."""
    frame = client_frame(CLOSE, NORMAL_CLOSURE)
    for one in connections:
        one.client.socket.settimeout(TIMEOUT_SECONDS)
        one.client.socket.sendall(frame)
    for one in connections:
        # First the message that was under way, then the close frame, then the end.
        while one.client.socket.recv(65536):
            pass
        one.client.socket.close()


def _quantile_us(ordered: Sequence[int], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] / 1000 if ordered else 0.0


def main(arguments: Sequence[str]) -> int:
    """``PORT PATH CONNECTIONS SIZE SECONDS``."""
    port, path, count, size, seconds = arguments
    try:
        result = run(int(port), path, int(count), int(size), float(seconds))
    except (OSError, ProtocolError) as error:
        print(error, file=sys.stderr)
        return 1
    json.dump(result, sys.stdout)
    return 0
