"""Many clients in one thread: opens their connections, and finds out when each has received something."""

from __future__ import annotations

import select
import socket
import time
from typing import Dict, List

from .kinds import Kind

_IN_FLIGHT = 200
"""Connections being opened at a time: below any server's backlog."""
_PATIENCE = 60.0
_IP_BIND_ADDRESS_NO_PORT = 24
_ADDRESSES = 50


class CrowdError(Exception):
    """Not all of the connections could be opened, or not all clients received what they should."""


class Crowd:
    """Context manager: inside it ``count`` connections of one kind are open."""

    def __init__(self, kind: Kind, port: int, count: int) -> None:
        self._kind = kind
        self._port = port
        self._count = count
        self._sockets: Dict[int, socket.socket] = {}
        self._epoll = select.epoll()

    def __enter__(self) -> "Crowd":
        try:
            self._open_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._sockets.values():
            one.close()
        self._sockets.clear()
        self._epoll.close()

    def wait_for_broadcast(self, started: float) -> List[float]:
        """Waits until every client has received the message; seconds from ``started``, for each, in order."""
        delays: List[float] = []
        partial: Dict[int, bytes] = {}
        wanted = self._kind.received
        deadline = time.monotonic() + _PATIENCE
        while len(delays) < self._count:
            events = self._epoll.poll(1.0, 1024)
            if not events and time.monotonic() > deadline:
                raise CrowdError(f"{self._count - len(delays)} of {self._count} clients received nothing")
            for descriptor, _ in events:
                data = partial.pop(descriptor, b"") + self._receive(descriptor)
                if wanted in data:
                    delays.append(time.monotonic() - started)
                else:
                    partial[descriptor] = data
        return delays

    def ask_again(self) -> None:
        """Sends the request on every connection once more."""
        for one in self._sockets.values():
            one.send(self._kind.request)

    def _open_all(self) -> None:
        opening: Dict[int, bytes] = {}
        started = 0
        deadline = time.monotonic() + _PATIENCE
        while started < self._count or opening:
            while started < self._count and len(opening) < _IN_FLIGHT:
                one = self._connect(started)
                started += 1
                if self._kind.opened:
                    opening[one.fileno()] = b""
            progress = False
            for descriptor, _ in self._epoll.poll(1.0, 1024) if opening else ():
                progress = True
                data = opening.get(descriptor, b"") + self._receive(descriptor)
                if self._kind.opened in data:
                    opening.pop(descriptor, None)
                else:
                    opening[descriptor] = data
            if progress:
                deadline = time.monotonic() + _PATIENCE
            elif opening and time.monotonic() > deadline:
                raise CrowdError(f"{len(opening)} connections did not open; {started - len(opening)} did")

    def _connect(self, index: int) -> socket.socket:
        one = socket.socket()
        # One address has some 28,000 ports for its clients.
        one.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        one.bind((f"127.0.0.{2 + index % _ADDRESSES}", 0))
        one.settimeout(_PATIENCE)
        self._sockets[one.fileno()] = one
        try:
            one.connect(("127.0.0.1", self._port))
            one.send(self._kind.request)
        except OSError as error:
            raise CrowdError(f"connection {index + 1}: {error}") from error
        one.setblocking(False)
        self._epoll.register(one.fileno(), select.EPOLLIN)
        return one

    def _receive(self, descriptor: int) -> bytes:
        try:
            data = self._sockets[descriptor].recv(65536)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise CrowdError(f"a connection was lost: {error}") from error
        if not data:
            raise CrowdError("the server closed a connection")
        return data
