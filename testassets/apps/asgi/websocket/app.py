"""One behaviour of the scope type websocket per path; the query has its parameters."""

import asyncio
import json
import os
from urllib.parse import parse_qsl

import gate

#: What each kind of message may have beside its type.
TEXT, BYTES = "text", "bytes"


class Socket:
    """A WebSocket with what a behaviour needs of it."""

    def __init__(self, scope, receive, send):
        self.scope = scope
        self.receive = receive
        self.send = send
        self.query = dict(parse_qsl(scope["query_string"].decode()))

    @property
    def port(self):
        return self.query["port"]

    async def accept(self, **more):
        message = await self.receive()
        assert message == {"type": "websocket.connect"}, message
        await self.send(dict({"type": "websocket.accept"}, **more))

    async def text(self, text):
        await self.send({"type": "websocket.send", "text": text})

    async def close(self, **more):
        await self.send(dict({"type": "websocket.close"}, **more))

    async def tell_disconnect(self):
        """Reports the message that says how it ended."""
        message = await self.receive()
        while message["type"] != "websocket.disconnect":
            message = await self.receive()
        gate.signal(self.port, "left", json.dumps(message, sort_keys=True))


def plain(value):
    if isinstance(value, bytes):
        return "b:" + value.decode("latin-1")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


async def tell_scope(socket):
    """What paths without a behaviour of their own do."""
    await socket.accept()
    await socket.text(json.dumps(plain(socket.scope)))


async def echo(socket):
    await socket.accept()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            if "port" in socket.query:
                gate.signal(socket.port, "left", json.dumps(message, sort_keys=True))
            return
        kind = TEXT if message.get(TEXT) is not None else BYTES
        await socket.send({"type": "websocket.send", kind: message[kind]})


async def pid(socket):
    await socket.accept()
    await socket.text(str(os.getpid()))
    await socket.receive()


async def subprotocol(socket):
    await socket.accept(subprotocol=socket.scope["subprotocols"][-1], headers=[(b"X-More", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")])


async def own_fields(socket):
    """Fields of the handshake that are not the application's to set."""
    await socket.accept(headers=[(b"sec-websocket-accept", b"mine"), (b"sec-websocket-extensions", b"mine"), (b"connection", b"close"), (b"x-kept", b"1")])
    await socket.text("open")


async def refuses(socket):
    await socket.receive()
    await socket.close(code=1008)


async def denies(socket):
    await socket.receive()
    await socket.send({"type": "websocket.http.response.start", "status": 418, "headers": [(b"x-why", b"teapot"), (b"content-type", b"text/plain")]})
    await socket.send({"type": "websocket.http.response.body", "body": b"short and ", "more_body": True})
    await socket.send({"type": "websocket.http.response.body", "body": b"stout"})


async def raises_at_once(socket):
    raise ValueError("raised in the handshake")


async def returns_at_once(socket):
    pass


async def raises(socket):
    await socket.accept()
    await socket.text("before")
    raise ValueError("raised while it was open")


async def returns(socket):
    await socket.accept()
    await socket.text("all")


async def closes(socket):
    await socket.accept()
    more = {key: int(value) if key == "code" else value for key, value in socket.query.items() if key in ("code", "reason")}
    await socket.close(**more)


async def closes_amid(socket):
    """Closes when told to, and says what it then receives."""
    await socket.accept()
    await socket.receive()
    await socket.close(code=4000, reason="enough")
    await socket.tell_disconnect()


async def waits(socket):
    await socket.accept()
    await socket.text("open")
    await socket.tell_disconnect()


async def waits_in_handshake(socket):
    await socket.receive()
    gate.signal(socket.port, "waiting")
    gate.signal(socket.port, "left", json.dumps(await socket.receive(), sort_keys=True))


async def accepts_late(socket):
    await socket.receive()
    await gate.wait_async(socket.port, "waiting")
    await socket.send({"type": "websocket.accept"})
    await socket.tell_disconnect()


async def sends_after_disconnect(socket):
    await socket.accept()
    await socket.receive()
    try:
        await socket.text("nobody reads this")
        outcome = "sent"
    except OSError as error:
        outcome = type(error).__name__
    gate.signal(socket.port, "left", outcome)


async def unexpected(socket):
    """Sends a message that is not allowed where it comes; the error is raised."""
    await socket.accept()
    await socket.send({"type": socket.query["type"]})


async def early(socket):
    await socket.receive()
    await socket.text("early")


async def reads_when_told(socket):
    await socket.accept()
    await gate.wait_async(socket.port, "waiting")
    sizes = []
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        sizes.append(len(message.get("text") or message.get("bytes") or b""))
        if sizes[-1] == 0:
            await socket.text(json.dumps(sizes))
            sizes = []


async def floods(socket):
    """Sends much, says when a send has waited for long, and how much was taken before it."""
    await socket.accept()
    taken = 0
    told = False
    for _ in range(int(socket.query["count"])):
        sending = asyncio.ensure_future(socket.send({"type": "websocket.send", "bytes": b"x" * 60000}))
        done, _ = await asyncio.wait({sending}, timeout=1)
        if not done and not told:
            told = True
            gate.signal(socket.port, "blocked", taken)
        await sending
        taken += 60000
    await socket.close(code=4001)


async def repeats(socket):
    """Sends one text as often as it is asked to."""
    await socket.accept()
    text = socket.query["text"] * int(socket.query["times"])
    await socket.text(text)
    await socket.receive()


async def blocks(socket):
    """Blocks the event loop until the test lets it go."""
    await socket.accept()
    await socket.text("open")
    await socket.receive()
    gate.wait(socket.port, "blocking")
    await socket.text("free")


async def app(scope, receive, send):
    if scope["type"] == "http":
        if scope["path"] == "/block":
            gate.wait(scope["query_string"].decode(), "blocking", os.getpid())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
        return
    if scope["type"] != "websocket":
        raise ValueError("no lifespan")
    await BEHAVIOURS.get(scope["path"], tell_scope)(Socket(scope, receive, send))


BEHAVIOURS = {"/" + name: value for name, value in list(globals().items()) if asyncio.iscoroutinefunction(value)}
