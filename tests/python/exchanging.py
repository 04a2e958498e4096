"""An exchange of the ASGI gateway, played by a test: what the application receives and what it has sent."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Generator, List, Optional


class ClientGone(OSError):
    """What send() raises when the client is gone."""


class Done:
    """What the gateway's send() returns when nothing is to be waited for."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


class Exchange:
    """One request or WebSocket."""

    def __init__(self, kind: str = "http", method: str = "GET", target: str = "/", headers: Optional[Dict[str, str]] = None, **more: Any) -> None:
        path, _, query = target.partition("?")
        fields = dict({"host": "example.com"}, **(headers or {}))
        self.scope: Dict[str, Any] = {
            "type": kind,
            "http_version": "1.1",
            "scheme": "ws" if kind == "websocket" else "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "client": ("192.0.2.7", 4711),
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
        }
        if kind == "http":
            self.scope["method"] = method
        self.scope.update(more)
        self.sent: List[Dict[str, Any]] = []
        self.is_gone = False
        #: Whether send() acts when it is awaited, as one that others have wrapped.
        self.is_wrapped = False
        #: When it is there, send() has to be waited for until it is set.
        self.window: Optional[asyncio.Event] = None
        self._inbox: "asyncio.Queue[Dict[str, Any]]" = asyncio.Queue()
        self._is_complete = False

    def give(self, **message: Any) -> None:
        """A message for receive(); its type is the argument ``type_``."""
        message["type"] = message.pop("type_")
        self._inbox.put_nowait(message)

    def give_body(self, *pieces: bytes) -> None:
        """The whole body."""
        for piece in pieces:
            self.give(type_="http.request", body=piece, more_body=True)
        self.give(type_="http.request", body=b"", more_body=False)

    async def receive(self) -> Dict[str, Any]:
        """As of ASGI."""
        return await self._inbox.get()

    def send(self, message: Dict[str, Any]) -> Any:
        """As of the gateway: acts at once, and what it returns is to be awaited."""
        if self.is_wrapped:
            return self._send_later(message)
        self._act(message)
        return Done() if self.window is None else self._drained(self.window)

    def of_type(self, kind: str) -> List[Dict[str, Any]]:
        """What was sent of one type."""
        return [message for message in self.sent if message["type"] == kind]

    @property
    def status(self) -> int:
        """The status of the response."""
        return int(self._start["status"])

    @property
    def headers(self) -> Dict[str, str]:
        """The fields of the response."""
        return {name.decode(): value.decode() for name, value in self._start["headers"]}

    @property
    def body(self) -> bytes:
        """The body so far."""
        return b"".join(message["body"] for message in self.sent if message["type"].endswith("http.response.body") or message["type"] == "http.response.body")

    @property
    def _start(self) -> Dict[str, Any]:
        return next(message for message in self.sent if message["type"].endswith("http.response.start"))

    async def _send_later(self, message: Dict[str, Any]) -> None:
        await asyncio.sleep(0)
        self._act(message)

    async def _drained(self, window: asyncio.Event) -> None:
        await window.wait()
        if self.is_gone:
            raise ClientGone

    def _act(self, message: Dict[str, Any]) -> None:
        if self.is_gone:
            raise ClientGone
        if message["type"] == "http.response.debug":
            return
        if self._is_complete:
            raise RuntimeError("the response is complete")
        self.sent.append(message)
        if message["type"].endswith("http.response.body") and not message.get("more_body"):
            self._is_complete = True
            self.give(type_="websocket.disconnect" if message["type"].startswith("websocket") else "http.disconnect", code=1006)
        elif message["type"] == "websocket.close":
            self.give(type_="websocket.disconnect", code=message["code"], reason=message.get("reason", ""))
