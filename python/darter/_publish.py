"""``darter.publish()``: messages for connections that the server holds (``Grip-Hold``), from any process."""

from __future__ import annotations

import binascii
import json
import os
import time

from darter._publish_http import Endpoint, PublishError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Union

    Json = Dict[str, Any]


def publish(
    channel: str,
    data: Any = None,
    *,
    id: Optional[str] = None,
    prev_id: Optional[str] = None,
    event: Optional[str] = None,
    stream: str = "sse",
    meta: Optional[Mapping[str, str]] = None,
    close: bool = False,
    formats: Optional[Mapping[str, Json]] = None,
    address: Optional[str] = None,
    key: Optional[str] = None,
    timeout: float = 5.0,
) -> int:
    """Publishes *data* to all connections that are subscribed to *channel*; returns how many of this server it reached.

    Text and bytes are sent as they are, anything else as JSON. A held stream gets an event of server-sent events, named
    *event*, or with ``stream="raw"`` just the data; a request that waits for a response gets the data as its body, and a
    WebSocket a message. *formats* are GRIP's, for whoever wants others.

    *id* names the message, so that a client that connects again gets what it missed: unique among the channels that a
    client has; one is made if none is given. *prev_id* is the id of the message before. *meta* is for filters. ``close=True``
    ends the connections instead.

    In a worker of Darter the server is known. Elsewhere *address* names its publish endpoint (``unix:PATH`` or a URL), or
    the variable ``DARTER_PUBLISH`` does, or this user's only running server is meant; *key* is that of ``--hub-key``,
    usually taken from ``DARTER_HUB_KEY``.

    Raises PublishError, which is an OSError.
    """
    body = _body(channel, data, id, prev_id, event, stream, meta, close, formats)
    return int(Endpoint(address, key, timeout).call("POST", "/publish/", body)["subscribers"])


async def apublish(
    channel: str,
    data: Any = None,
    *,
    id: Optional[str] = None,
    prev_id: Optional[str] = None,
    event: Optional[str] = None,
    stream: str = "sse",
    meta: Optional[Mapping[str, str]] = None,
    close: bool = False,
    formats: Optional[Mapping[str, Json]] = None,
    address: Optional[str] = None,
    key: Optional[str] = None,
    timeout: float = 5.0,
) -> int:
    """``publish()`` for code in an asyncio loop, which goes on meanwhile."""
    body = _body(channel, data, id, prev_id, event, stream, meta, close, formats)
    return int((await Endpoint(address, key, timeout).acall("POST", "/publish/", body))["subscribers"])


def presence(channel: str, *, address: Optional[str] = None, key: Optional[str] = None, timeout: float = 5.0) -> Json:
    """Who is subscribed to a channel: ``{"channel", "subscribers", "history", "last_id", "present": [{"kind", "meta", "since"}]}``."""
    return Endpoint(address, key, timeout).call("GET", _target(channel))


async def apresence(channel: str, *, address: Optional[str] = None, key: Optional[str] = None, timeout: float = 5.0) -> Json:
    """``presence()`` for code in an asyncio loop."""
    return await Endpoint(address, key, timeout).acall("GET", _target(channel))


def item(
    channel: str,
    data: Any = None,
    id: Optional[str] = None,
    prev_id: Optional[str] = None,
    event: Optional[str] = None,
    stream: str = "sse",
    meta: Optional[Mapping[str, str]] = None,
    close: bool = False,
    formats: Optional[Mapping[str, Json]] = None,
) -> Json:
    """The item that ``publish()`` sends, in GRIP's JSON."""
    made: Json = {"channel": channel}
    if close:
        made["formats"] = {name: {"action": "close"} for name in ("http-stream", "http-response", "ws-message")}
    else:
        made["id"] = id if id is not None else _new_id()
        made["formats"] = dict(formats) if formats is not None else _formats(data, made["id"], event, stream)
    if prev_id is not None:
        made["prev-id"] = prev_id
    if meta:
        made["meta"] = dict(meta)
    return made


def _body(channel: str, *arguments: Any) -> bytes:
    return json.dumps({"items": [item(channel, *arguments)]}).encode()


def _formats(data: Any, id: str, event: Optional[str], stream: str) -> Json:
    if stream not in ("sse", "raw"):
        raise ValueError("stream is 'sse' or 'raw', not {!r}".format(stream))
    kind = "text/plain; charset=utf-8"
    payload: Union[str, bytes]
    if isinstance(data, (bytes, bytearray, memoryview)):
        payload, kind = bytes(data), "application/octet-stream"
    elif isinstance(data, str):
        payload = data
    else:
        payload, kind = json.dumps(data, separators=(",", ":")), "application/json"
    streamed = payload if stream == "raw" else sse(payload, id, event)
    return {
        "http-stream": _content(streamed, "content"),
        "http-response": dict(_content(payload, "body"), headers={"Content-Type": kind, "Message-Id": id}),
        "ws-message": dict(_content(payload, "content"), type="binary" if isinstance(payload, bytes) else "text"),
    }


def sse(data: Union[str, bytes], id: Optional[str] = None, event: Optional[str] = None) -> str:
    """An event of server-sent events (HTML, section 9.2)."""
    text = data.decode() if isinstance(data, bytes) else data
    lines = []
    for name, value in (("event", event), ("id", id)):
        if value is not None:
            if "\n" in value or "\r" in value or "\0" in value:
                raise ValueError("the {} of an event is one line: {!r}".format(name, value))
            lines.append("{}: {}".format(name, value))
    lines.extend("data: " + line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines) + "\n\n"


def _content(payload: Union[str, bytes], name: str) -> Json:
    if isinstance(payload, str):
        return {name: payload}
    return {name + "-bin": binascii.b2a_base64(payload, newline=False).decode()}


def _new_id() -> str:
    # Unique is enough: the server knows the order.
    return "{:x}-{}".format(time.time_ns(), binascii.hexlify(os.urandom(5)).decode())


def _target(channel: str) -> str:
    from urllib.parse import quote

    return "/channels/" + quote(channel, safe="")


__all__ = ["PublishError", "apresence", "apublish", "item", "presence", "publish", "sse"]
