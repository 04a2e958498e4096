"""The check before measuring: every server does the same work, and connections behave as wrk relies on."""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import ExitStack
from typing import Optional

from .interpreter import Reference
from .model import Workload

# Shorter than the 4 s after which uWSGI gives up a connection and turns to the next.
_TIMEOUT_SECONDS = 3.0
_CONNECTIONS_AT_ONCE = 8


class CheckError(Exception):
    """The server's response is not the application's, or its connections are not as declared."""


class _Connection:
    """One connection to the server under test."""

    def __init__(self, port: int, workload: Workload, reference: Reference) -> None:
        self._connection = _open(port, _TIMEOUT_SECONDS, workload.is_tls)
        self._workload = workload
        self._reference = reference

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def exchange(self, close: bool = False) -> bool:
        """Sends the request and compares the response; returns whether the server keeps the connection open."""
        headers = {"Connection": "close"} if close else {}
        if self._workload.post_size:
            headers["Content-Type"] = "application/octet-stream"
        try:
            self._connection.request(
                self._workload.method, self._workload.path, body=self._workload.probe_body, headers=headers
            )
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise CheckError(f"no response: {error!r}") from error
        for what, got, expected in (
            ("status", response.status, self._reference.status),
            ("Content-Type", response.getheader("Content-Type"), self._reference.content_type),
            ("body", body, self._reference.body),
        ):
            if got != expected:
                raise CheckError(f"{what} is {_short(got)}, the application's is {_short(expected)}")
        return not response.will_close


def check(port: int, workload: Workload, reference: Reference, keeps_alive: bool) -> None:
    """Compares responses with the reference and tries how connections end.

    wrk reconnects only when the response says so, hence "Connection: close" must be announced. A server that ties a
    worker to a connection would answer a few of them and let the others starve, which wrk does not notice: all of
    several open connections must be served.

    Raises CheckError.
    """
    with ExitStack() as stack:
        for _ in range(_CONNECTIONS_AT_ONCE if keeps_alive else 1):
            connection = stack.enter_context(_Connection(port, workload, reference))
            if connection.exchange() != keeps_alive:
                raise CheckError("keeps connections open" if not keeps_alive else "does not keep connections open")
            if keeps_alive and not connection.exchange():
                raise CheckError("ends a connection after two requests")
    with _Connection(port, workload, reference) as connection:
        if connection.exchange(close=True):
            raise CheckError("does not announce that it closes the connection")


def answers(port: int, timeout: float, is_tls: bool = False) -> Optional[int]:
    """The status of ``GET /``, or None when the server does not listen or answer yet."""
    connection = _open(port, timeout, is_tls)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException, socket.timeout):
        return None
    finally:
        connection.close()


def _open(port: int, timeout: float, is_tls: bool) -> http.client.HTTPConnection:
    """A connection that is made with its first request; the certificate of the benchmark is nobody's and not looked at."""
    if is_tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=context)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
