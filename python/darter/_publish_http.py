"""The way to a publish endpoint: HTTP over a Unix socket or TCP, one connection for each call."""

from __future__ import annotations

import json
import os
import socket
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any, Dict, List, Optional, Tuple

#: Names the endpoint; the server sets it for its workers.
ADDRESS = "DARTER_PUBLISH"
#: The key, as the server itself may take it.
KEY = "DARTER_HUB_KEY"

_VALIDITY = 300


class PublishError(OSError):
    """Nothing was published, as far as is known. *status* is that of the endpoint's answer, 0 if there is none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Endpoint:
    """A publish endpoint, found as ``darter.publish()`` says."""

    def __init__(self, address: Optional[str] = None, key: Optional[str] = None, timeout: float = 5.0) -> None:
        self._timeout = timeout
        self._key = key if key is not None else os.environ.get(KEY) or None
        self._address = address or os.environ.get(ADDRESS) or find()
        self._unix = ""
        self._prefix = ""
        self._host = "localhost"
        self._port = 0
        self._tls = False
        if self._address.startswith("unix:"):
            self._unix = self._address[len("unix:") :].split("?")[0]
        else:
            self._split(self._address)

    def call(self, method: str, target: str, body: bytes = b"") -> Dict[str, Any]:
        """Asks the endpoint; returns its JSON."""
        deadline = time.monotonic() + self._timeout
        try:
            with self._connect() as connection:
                connection.sendall(self._request(method, target, body))
                answer = bytearray()
                while True:
                    connection.settimeout(max(deadline - time.monotonic(), 0.001))
                    piece = connection.recv(65536)
                    if not piece:
                        return self._parse(bytes(answer))
                    answer += piece
        except PublishError:
            raise
        except OSError as error:
            raise self._failure(error) from error

    async def acall(self, method: str, target: str, body: bytes = b"") -> Dict[str, Any]:
        """The same in an asyncio loop."""
        import asyncio

        try:
            return self._parse(await asyncio.wait_for(self._exchange(method, target, body), self._timeout))
        except asyncio.TimeoutError as error:
            # Before Python 3.11 it is no OSError.
            raise self._failure(error) from error
        except PublishError:
            raise
        except OSError as error:
            raise self._failure(error) from error

    async def _exchange(self, method: str, target: str, body: bytes) -> bytes:
        import asyncio

        if self._unix:
            reader, writer = await asyncio.open_unix_connection(self._unix)
        else:
            context = self._context()
            reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        try:
            writer.write(self._request(method, target, body))
            return await reader.read()
        finally:
            writer.close()

    def _connect(self) -> socket.socket:
        if self._unix:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.settimeout(self._timeout)
                connection.connect(self._unix)
            except BaseException:
                connection.close()
                raise
            return connection
        connection = socket.create_connection((self._host, self._port), self._timeout)
        context = self._context()
        if context is None:
            return connection
        try:
            return context.wrap_socket(connection, server_hostname=self._host)
        except BaseException:
            connection.close()
            raise

    def _context(self) -> Optional[ssl.SSLContext]:
        if not self._tls:
            return None
        import ssl

        return ssl.create_default_context()

    def _request(self, method: str, target: str, body: bytes) -> bytes:
        host = self._host if ":" not in self._host else "[{}]".format(self._host)
        lines = [
            "{} {}{} HTTP/1.1".format(method, self._prefix, target),
            "Host: {}{}".format(host, "" if self._unix else ":{}".format(self._port)),
            "Connection: close",
            "Content-Type: application/json",
            "Content-Length: {}".format(len(body)),
        ]
        if self._key is not None and not self._unix:
            lines.append("Authorization: Bearer " + token(self._key))
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body

    def _parse(self, answer: bytes) -> Dict[str, Any]:
        head, separator, body = answer.partition(b"\r\n\r\n")
        words = head.split(b"\r\n")[0].split(b" ", 2)
        if not separator or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise PublishError("{} has not answered".format(self._address))
        status = int(words[1])
        try:
            content = json.loads(body.decode())
            error = content.get("error")
        except (ValueError, AttributeError):
            content, error = None, body[:200].decode("utf-8", "replace").strip()
        if status != 200 or content is None:
            raise PublishError("{}: {} ({})".format(self._address, error, status), status)
        result: Dict[str, Any] = content
        return result

    def _failure(self, error: BaseException) -> PublishError:
        return PublishError("{}: {}".format(self._address, error or "no answer in {} s".format(self._timeout)))

    def _split(self, address: str) -> None:
        from urllib.parse import urlsplit

        parts = urlsplit(address if "://" in address else "http://" + address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PublishError("'{}' is no address of a publish endpoint: write unix:PATH, HOST:PORT or a URL".format(address))
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        path = parts.path.rstrip("/")
        self._prefix = path[: -len("/publish")] if path.endswith("/publish") else path


def token(key: str, now: Optional[float] = None) -> str:
    """A JSON web token (HS256), as publish endpoints want it."""
    import base64
    import hmac

    def encode(part: bytes) -> bytes:
        return base64.urlsafe_b64encode(part).rstrip(b"=")

    secret = base64.b64decode(key[len("base64:") :]) if key.startswith("base64:") else key.encode()
    claims = {"iss": "darter", "exp": int(time.time() if now is None else now) + _VALIDITY}
    signed = encode(b'{"typ":"JWT","alg":"HS256"}') + b"." + encode(json.dumps(claims).encode())
    return (signed + b"." + encode(hmac.new(secret, signed, "sha256").digest())).decode()


def find() -> str:
    """The endpoint of this user's only running server."""
    found = sockets(".publish")
    if len(found) == 1:
        return "unix:" + found[0]
    if not found:
        raise PublishError("no running server of this user was found: name its publish endpoint with {}".format(ADDRESS))
    raise PublishError("several servers are running: name the publish endpoint of one with {}: {}".format(ADDRESS, ", ".join(found)))


def sockets(suffix: str) -> List[str]:
    """The sockets with that end of their names of this user's running servers."""
    return [path for folder in _folders() for path in _sockets(folder, suffix) if _answers(path)]


def _folders() -> List[str]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    usual = "/tmp/darter-{}".format(os.geteuid())
    return [os.path.join(runtime, "darter"), usual] if os.path.isabs(runtime) else [usual]


def _sockets(folder: str, suffix: str) -> List[str]:
    try:
        status = os.lstat(folder)
        # In /tmp anybody could have put it there.
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            return []
        return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(suffix))
    except OSError:
        return []


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.settimeout(1)
            connection.connect(path)
            return True
        except OSError:
            return False
