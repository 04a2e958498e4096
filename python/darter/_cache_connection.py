"""A connection to the shared cache, in memcached's text protocol."""

from __future__ import annotations

import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

#: Names the cache; the server sets it for its workers.
ADDRESS = "DARTER_VALUES"

_MISSING = (
    "there is no shared cache: run the application with 'darter run' (and without --shared-cache 0), or name the cache of a "
    "running server with {}, unix:PATH or HOST:PORT (--shared-cache-bind)".format(ADDRESS)
)

_PIECE = 65536


class CacheError(OSError):
    """The shared cache cannot be reached, or does not understand."""


class Refused(CacheError):
    """The cache has answered, with an error."""


class Unsent(CacheError):
    """The connection was closed before anything was asked."""


def find() -> str:
    """The address of the shared cache: that of this worker's server, or of this user's only running one."""
    address = os.environ.get(ADDRESS)
    if address:
        return address
    from darter._publish_http import sockets

    found = sockets(".cache")
    if len(found) == 1:
        return "unix:" + found[0]
    if not found:
        raise CacheError(_MISSING)
    raise CacheError("several servers are running: name the shared cache of one with {}: {}".format(ADDRESS, ", ".join(found)))


class Connection:
    """One connection, of one thread and one process."""

    def __init__(self, address: str, timeout: float) -> None:
        self.pid = os.getpid()
        self._address = address
        self._received = b""
        self._socket = self._connect(address, timeout)

    def close(self) -> None:
        """Closes this end of it."""
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Sends a command. Unsent: the other end was closed already."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Unsent(self._explain(error)) from error
        except OSError as error:
            raise CacheError(self._explain(error)) from error

    def line(self) -> bytes:
        """The next line of the answer, without its end."""
        while True:
            line, end, rest = self._received.partition(b"\r\n")
            if end:
                self._received = rest
                if line.startswith((b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")):
                    raise Refused("{}: {}".format(self._address, line.decode("latin-1")))
                return line
            self._receive()

    def values(self) -> Dict[bytes, Tuple[int, bytes, Optional[bytes]]]:
        """The answer to a get: flags, bytes and what tells the value apart, by key."""
        values = {}
        while True:
            words = self.line().split(b" ")
            if words == [b"END"]:
                return values
            if words[0] != b"VALUE" or len(words) < 4:
                raise CacheError("{}: this is no answer of a cache: {!r}".format(self._address, words))
            values[words[1]] = (int(words[2]), self._data(int(words[3])), words[4] if len(words) > 4 else None)

    def _data(self, length: int) -> bytes:
        if len(self._received) < length + 2:
            pieces: List[bytes] = [self._received]
            missing = length + 2 - len(self._received)
            while missing > 0:
                piece = self._recv()
                pieces.append(piece)
                missing -= len(piece)
            self._received = b"".join(pieces)
        data = self._received[:length]
        self._received = self._received[length + 2 :]
        return data

    def _receive(self) -> None:
        self._received += self._recv()

    def _recv(self) -> bytes:
        try:
            piece = self._socket.recv(_PIECE)
        except OSError as error:
            raise CacheError(self._explain(error)) from error
        if not piece:
            raise CacheError("{}: the connection was closed".format(self._address))
        return piece

    def _explain(self, error: OSError) -> str:
        return "{}: {}".format(self._address, error or "no answer in time")

    def _connect(self, address: str, timeout: float) -> socket.socket:
        try:
            if address.startswith("unix:"):
                connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                target: Any = address[len("unix:") :].split("?")[0]
            else:
                host, port = _split(address)
                return self._prepare(socket.create_connection((host, port), timeout), timeout)
            try:
                connection.settimeout(timeout)
                connection.connect(target)
            except BaseException:
                connection.close()
                raise
            return connection
        except CacheError:
            raise
        except OSError as error:
            raise CacheError(self._explain(error)) from error

    @staticmethod
    def _prepare(connection: socket.socket, timeout: float) -> socket.socket:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _split(address: str) -> Tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise CacheError("'{}' is no address of a shared cache: write unix:PATH or HOST:PORT".format(address))
    return host.strip("[]"), int(port)


def command(words: Sequence[bytes], data: Optional[bytes] = None) -> bytes:
    """A command of the protocol."""
    line = b" ".join(words) + b"\r\n"
    return line if data is None else b"%b%b\r\n" % (line, data)
