"""A page that speaks to the server by WebSocket and EventSource, and reports what it saw."""

import asyncio
import os
from urllib.parse import parse_qsl

import gate

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html")
LAST = 5


def port(scope):
    return dict(parse_qsl(scope["query_string"].decode()))["port"]


async def answer(send, content=b"", kind=b"text/plain"):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": content})


async def page(scope, receive, send):
    with open(PAGE, "rb") as file:
        await answer(send, file.read(), b"text/html; charset=utf-8")


async def events(scope, receive, send):
    """Two events at a time, from the one on that the browser has not seen."""
    first = int(dict(scope["headers"]).get(b"last-event-id", b"0")) + 1
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b"retry: 1\n\n", "more_body": True})
    for number in range(first, min(first + 2, LAST + 1)):
        text = "event: tick\nid: {}\ndata: {}\n\n".format(number, "last" if number == LAST else "tick")
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body"})


async def report(scope, receive, send):
    content = b""
    more = True
    while more:
        message = await receive()
        content += message["body"]
        more = message["more_body"]
    gate.signal(port(scope), "reported", content.decode())
    await answer(send)


async def echo(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "chat"})
    message = await receive()
    while message["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})
        message = await receive()
    gate.signal(port(scope), "left", "{} {}".format(message["code"], message["reason"]))


async def closes(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4002, "reason": "the server's"})


async def raises(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    raise ValueError("on purpose")


async def denies(scope, receive, send):
    await receive()
    await send({"type": "websocket.close"})


async def nothing(scope, receive, send):
    await answer(send)


HTTP = {"/": page, "/events": events, "/report": report}
WEBSOCKET = {"/echo": echo, "/closes": closes, "/raises": raises, "/denies": denies}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise ValueError("none")
    await (WEBSOCKET if scope["type"] == "websocket" else HTTP).get(scope["path"], nothing)(scope, receive, send)
