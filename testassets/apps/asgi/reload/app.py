"""Tells the version that the module ``version`` has, which the test writes beside a copy of this file.

/wait?port=P       waits at the gate before it answers
/events?port=P     an event stream: an event, then another when the gate lets it, then it waits for the client to leave
a WebSocket        answers each message with the version; its end is reported at the gate if there is a port

Everything else is answered at once. The start and the end of the application are reported, too, if the environment names a
gate.
"""

import asyncio
import json
import os
from urllib.parse import parse_qsl

import gate
from version import VERSION


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    query = dict(parse_qsl(scope["query_string"].decode()))
    if scope["type"] == "websocket":
        await _websocket(query.get("port"), receive, send)
    elif scope["path"] == "/events":
        await _events(query["port"], receive, send)
    else:
        if scope["path"] == "/wait":
            await gate.wait_async(query["port"], "waiting", VERSION)
        body = VERSION.encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    port = os.environ.get("RELOAD_GATE")
    if port:
        gate.signal(port, "shutdown", VERSION)
    await send({"type": "lifespan.shutdown.complete"})


async def _websocket(port, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            if port:
                gate.signal(port, "left", json.dumps(message, sort_keys=True))
            return
        await send({"type": "websocket.send", "text": VERSION})


async def _events(port, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await send({"type": "http.response.body", "body": b"data: " + VERSION.encode() + b"\n\n", "more_body": True})
    left = asyncio.ensure_future(_wait_for_disconnect(receive))
    allowed = asyncio.ensure_future(gate.wait_async(port, "event", VERSION))
    await asyncio.wait({left, allowed}, return_when=asyncio.FIRST_COMPLETED)
    if not left.done():
        await send({"type": "http.response.body", "body": b"data: " + VERSION.encode() + b" again\n\n", "more_body": True})
    await left
    gate.signal(port, "left", VERSION)


async def _wait_for_disconnect(receive):
    while (await receive())["type"] != "http.disconnect":
        pass
