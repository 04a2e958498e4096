"""One behaviour per path of the websocket messages of ASGI."""

import asyncio
import json

#: What applications saw, for a later request to ask.
seen = []


async def attempt(send, message):
    try:
        await send(message)
    except Exception as error:
        return "{}: {}".format(type(error).__name__, error)
    return "accepted"


async def accept(receive, send, **others):
    message = await receive()
    assert message == {"type": "websocket.connect"}, message
    await send(dict({"type": "websocket.accept"}, **others))


async def say(send, text):
    await send({"type": "websocket.send", "text": text})


async def echo(scope, receive, send):
    await accept(receive, send)
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            seen.append(json.dumps(message, sort_keys=True))
            return
        reply = {"type": "websocket.send"}
        for key in ("text", "bytes"):
            if key in message:
                reply[key] = message[key]
        await send(reply)


async def subprotocol(scope, receive, send):
    await accept(receive, send, subprotocol=scope["subprotocols"][-1], headers=[(b"X-One", b"1"), [b"set-cookie", b"a=b"]])
    await say(send, json.dumps(scope["subprotocols"]))


async def none_values(scope, receive, send):
    await accept(receive, send, subprotocol=None, headers=None)
    await send({"type": "websocket.send", "text": None, "bytes": b"bytes"})
    await send({"type": "websocket.send", "text": "text", "bytes": None})
    await send({"type": "websocket.send", "bytes": bytearray(b"like bytes")})
    await send({"type": "websocket.send", "text": ""})
    await send({"type": "websocket.close", "code": None, "reason": None})


async def closes(scope, receive, send):
    await accept(receive, send)
    await say(send, "before")
    await send({"type": "websocket.close", "code": 4001, "reason": "gr\u00fc\u00dfe"})
    seen.append(json.dumps(await receive(), sort_keys=True))
    seen.append(await attempt(send, {"type": "websocket.send", "text": "after"}))
    seen.append(await attempt(send, {"type": "websocket.close"}))


async def closes_plainly(scope, receive, send):
    await accept(receive, send)
    await send({"type": "websocket.close"})


async def returns(scope, receive, send):
    await accept(receive, send)
    await say(send, "all")


async def returns_at_once(scope, receive, send):
    pass


async def raises(scope, receive, send):
    await accept(receive, send)
    await say(send, "before")
    raise ValueError("raised while open")


async def raises_at_once(scope, receive, send):
    raise ValueError("raised in the handshake")


async def raises_after_close(scope, receive, send):
    await accept(receive, send)
    await send({"type": "websocket.close", "code": 3000})
    raise ValueError("raised after the close")


async def exits(scope, receive, send):
    await accept(receive, send)
    raise SystemExit(5)


async def refuses(scope, receive, send):
    await receive()
    await send({"type": "websocket.close", "code": 1008})
    seen.append(json.dumps(await receive(), sort_keys=True))


async def denies(scope, receive, send):
    await receive()
    await send({"type": "websocket.http.response.start", "status": 418, "headers": [(b"x-why", b"teapot")]})
    await send({"type": "websocket.http.response.body", "body": b"short and ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"stout"})
    seen.append(json.dumps(await receive(), sort_keys=True))
    seen.append(await attempt(send, {"type": "websocket.http.response.body"}))


async def denies_amid(scope, receive, send):
    await receive()
    await send({"type": "websocket.http.response.start", "status": 418})
    seen.append(await attempt(send, {"type": "websocket.accept"}))


#: Messages that are refused before the handshake is answered, and while the WebSocket is open.
IN_HANDSHAKE = [
    {"type": "websocket.send", "text": "early"},
    {"type": "websocket.http.response.body"},
    {"type": "websocket.accept", "subprotocol": b"bytes"},
    {"type": "websocket.accept", "subprotocol": "two words"},
    {"type": "websocket.accept", "headers": [(b"a", b"b\r\nc: d")]},
    {"type": "websocket.accept", "headers": [("a", b"b")]},
    {"type": "websocket.unknown"},
    {"type": "http.response.start", "status": 200},
]
WHILE_OPEN = [
    {"type": "websocket.accept"},
    {"type": "websocket.http.response.start", "status": 200},
    {"type": "websocket.send"},
    {"type": "websocket.send", "text": b"bytes"},
    {"type": "websocket.send", "bytes": "text"},
    {"type": "websocket.send", "text": "\ud800"},
    {"type": "websocket.close", "code": 999},
    {"type": "websocket.close", "code": 1005},
    {"type": "websocket.close", "code": 1006},
    {"type": "websocket.close", "code": 1015},
    {"type": "websocket.close", "code": 5000},
    {"type": "websocket.close", "code": "1000"},
    {"type": "websocket.close", "reason": b"bytes"},
    {"type": "websocket.close", "reason": "x" * 124},
]


async def refused(scope, receive, send):
    await receive()
    results = [await attempt(send, message) for message in IN_HANDSHAKE]
    await send({"type": "websocket.accept"})
    results += [await attempt(send, message) for message in WHILE_OPEN]
    await say(send, "\n".join(results))


async def after_disconnect(scope, receive, send):
    await accept(receive, send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    seen.append((await receive())["type"])
    seen.append(await attempt(send, {"type": "websocket.send", "text": "x"}))
    seen.append(await attempt(send, {"type": "websocket.close"}))
    raise OSError("after the client has left")


async def sends_after_disconnect(scope, receive, send):
    await accept(receive, send)
    await receive()
    await say(send, "nobody reads this")


async def waits_in_handshake(scope, receive, send):
    await receive()
    seen.append(json.dumps(await receive(), sort_keys=True))


async def slow_reader(scope, receive, send):
    """Takes no message before a request tells it to."""
    await accept(receive, send)
    await gate.wait()
    total = 0
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        total += len(message.get("text") or message.get("bytes") or b"")
        await say(send, str(total))


class Gate:
    def __init__(self):
        self.event = None

    def get(self):
        if self.event is None:
            self.event = asyncio.Event()
        return self.event

    async def wait(self):
        await self.get().wait()


gate = Gate()


async def floods(scope, receive, send):
    await accept(receive, send)
    for number in range(10):
        await send({"type": "websocket.send", "bytes": bytes([number]) * 100000})
        seen.append(str(number))
    await send({"type": "websocket.close", "code": 4000})


async def floods_and_returns(scope, receive, send):
    await accept(receive, send)
    for number in range(10):
        asyncio.ensure_future(asyncio.wait([asyncio.ensure_future(send({"type": "websocket.send", "bytes": bytes([number]) * 100000}))]))


async def many_small(scope, receive, send):
    await accept(receive, send)
    for number in range(10000):
        await say(send, str(number))


async def large(scope, receive, send):
    await accept(receive, send)
    message = await receive()
    await send({"type": "websocket.send", "text": message["text"][::-1]})


async def two_tasks(scope, receive, send):
    """One task reads while another writes, as chat servers do."""
    await accept(receive, send)
    queue = asyncio.Queue()

    async def write():
        while True:
            await say(send, await queue.get())

    writer = asyncio.ensure_future(write())
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            break
        queue.put_nowait("got " + message["text"])
    writer.cancel()


async def app(scope, receive, send):
    if scope["type"] == "http":
        content = "\n".join(seen)
        del seen[:]
        if scope["path"] == "/tasks":
            content = str(len(asyncio.all_tasks()))
        elif scope["path"] == "/opens_gate":
            gate.get().set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": content.encode()})
        return
    if scope["type"] != "websocket":
        raise ValueError("no lifespan")
    if scope["path"] == "/scope":
        await accept(receive, send)
        await say(send, repr(scope))
        return
    await globals()[scope["path"].lstrip("/")](scope, receive, send)
