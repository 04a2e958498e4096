"""One behaviour of the scope type http per path; the query has its parameters."""

import asyncio
import functools
import json
import os
import tempfile
from urllib.parse import parse_qsl

import gate

FILE = os.path.abspath(__file__)


class Request:
    """A request with what a behaviour needs of it."""

    def __init__(self, scope, receive, send):
        self.scope = scope
        self.receive = receive
        self.send = send
        self.query = dict(parse_qsl(scope["query_string"].decode()))

    @property
    def port(self):
        return self.query["port"]

    async def start(self, status=200, headers=((b"content-type", b"text/plain"),), **more):
        await self.send(dict({"type": "http.response.start", "status": status, "headers": list(headers)}, **more))

    async def body(self, content=b"", more_body=False):
        await self.send({"type": "http.response.body", "body": content, "more_body": more_body})

    async def answer(self, content=b"hello", **more):
        await self.start(**more)
        await self.body(content)

    async def read(self):
        """All messages of the body."""
        messages = [await self.receive()]
        while messages[-1].get("more_body"):
            messages.append(await self.receive())
        return messages


def plain(value):
    """What JSON can say of a value."""
    if isinstance(value, bytes):
        return "b:" + value.decode("latin-1")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


async def hello(request):
    await request.answer()


async def pid(request):
    await request.answer(str(os.getpid()).encode())


async def tell_scope(request):
    """What paths without a behaviour of their own do."""
    kinds = {key: type(value).__name__ for key, value in request.scope.items()}
    await request.answer(json.dumps({"scope": plain(request.scope), "types": kinds}).encode())


async def messages(request):
    read = await request.read()
    await request.answer(json.dumps([[sorted(item), item["type"], len(item["body"]), item["more_body"]] for item in read]).encode())


async def echo(request):
    await request.start()
    more = True
    while more:
        message = await request.receive()
        more = message["more_body"]
        await request.body(message["body"], more)


async def body_piece_by_piece(request):
    """Says of each piece of the body that it has it."""
    more = True
    size = 0
    while more:
        message = await request.receive()
        more = message["more_body"]
        size += len(message["body"])
        gate.signal(request.port, "received", size)
    await request.answer(str(size).encode())


async def answers_early(request):
    """Answers although the body has not come, and reads it afterwards."""
    await request.start()
    await request.body(b"early", True)
    read = await request.read()
    await request.body(str(sum(len(item["body"]) for item in read)).encode())


async def ignores_body(request):
    await request.answer(b"ignored")


async def pieces(request):
    """The next piece is made when the test has the one before."""
    headers = [(b"content-length", b"40")] if "length" in request.query else []
    await request.start(headers=headers)
    for number in range(5):
        await request.body("piece {}\n".format(number).encode(), True)
        await gate.wait_async(request.port, "sent", number)
    await request.body()


async def blocks_the_loop(request):
    """Keeps the event loop once a piece is sent: in the first step of the task, or in a later turn of the loop."""
    if "later" in request.query:
        await asyncio.sleep(0)
    await request.start()
    await request.body(b"piece", True)
    gate.wait(request.port, "blocking")
    await request.body()


async def status(request):
    await request.answer(b"content", status=int(request.query["code"]), headers=[])


async def headers(request):
    await request.answer(headers=[(b"X-Mixed-Case", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-latin", b"gr\xfc\xdfe"), (b"x-empty", b"")])


async def connection_fields(request):
    await request.answer(headers=[(b"connection", b"keep-alive"), (b"transfer-encoding", b"chunked"), (b"keep-alive", b"timeout=1"), (b"x-kept", b"1")])


async def no_keys(request):
    await request.send({"type": "http.response.start", "status": 200})
    await request.send({"type": "http.response.body"})


async def after_the_end(request):
    await request.read()
    await request.answer()
    gate.signal(request.port, "received", (await request.receive())["type"])


async def waits_for_disconnect(request):
    await request.read()
    gate.signal(request.port, "waiting")
    message = await request.receive()
    try:
        await request.start()
        outcome = "sent"
    except OSError as error:
        outcome = type(error).__name__
    gate.signal(request.port, "left", "{} {}".format(message["type"], outcome))


async def hears_and_answers(request):
    """A client that only ends its side is told of, and answered all the same."""
    await request.read()
    message = await request.receive()
    await request.answer(message["type"].encode())


async def leaves_upload(request):
    """The messages up to the end of a client that breaks its upload off."""
    gate.signal(request.port, "waiting")
    while True:
        message = await request.receive()
        if message["type"] != "http.request" or not message["more_body"]:
            break
    gate.signal(request.port, "left", message["type"])


async def streams_until_gone(request):
    await request.start()
    await request.body(b"begun", True)
    try:
        while True:
            await request.body(b"x" * 1000, True)
            await asyncio.sleep(0)
    except OSError as error:
        gate.signal(request.port, "left", type(error).__name__)
        raise


async def reads_when_told(request):
    await gate.wait_async(request.port, "waiting")
    size = sum(len(item["body"]) for item in await request.read())
    await request.answer(str(size).encode())


async def floods(request):
    """Sends much, says when a send has waited for long, and how much was taken before it."""
    await request.start()
    taken = 0
    told = False
    for _ in range(int(request.query["count"])):
        sending = asyncio.ensure_future(request.body(b"x" * 65536, True))
        done, _ = await asyncio.wait({sending}, timeout=1)
        if not done and not told:
            told = True
            gate.signal(request.port, "blocked", taken)
        await sending
        taken += 65536
    await request.body(b"end")


async def early_hint(request):
    await request.send({"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload; as=style", b"</app.js>; rel=preload"]})
    await request.answer(b"hinted")


async def trailers(request):
    await request.start(headers=[(b"trailer", b"x-sum, x-more")], trailers=True)
    await request.body(b"one", True)
    await request.body(b"two")
    await request.send({"type": "http.response.trailers", "headers": [(b"x-sum", b"6")], "more_trailers": True})
    await request.send({"type": "http.response.trailers", "headers": [(b"x-more", b"7")]})


async def pathsend(request):
    headers = [(b"content-length", str(os.path.getsize(FILE)).encode())] if "length" in request.query else []
    await request.start(headers=headers)
    await request.send({"type": "http.response.pathsend", "path": FILE})


@functools.lru_cache(maxsize=None)
def large_file():
    file = tempfile.NamedTemporaryFile()
    for number in range(256):
        file.write(bytes([number]) * 65536)
    file.flush()
    return file


async def pathsend_large(request):
    await request.start()
    await request.send({"type": "http.response.pathsend", "path": large_file().name})


async def zerocopysend(request):
    await request.start()
    await request.body(b"<", True)
    with open(FILE, "rb") as file:
        await request.send({"type": "http.response.zerocopysend", "file": file, "offset": 4, "count": 10, "more_body": True})
    await request.body(b">")


async def debug(request):
    await request.send({"type": "http.response.debug", "info": {"template": "page.html"}})
    await request.answer(b"debugged")


async def loop(request):
    running = asyncio.get_running_loop()
    await request.answer("{} {}".format(type(running).__module__, getattr(running, "marked", False)).encode())


async def state(request):
    request.scope["state"]["seen"] = request.scope["state"].get("seen", 0) + 1
    await request.answer(str(request.scope["state"]["seen"]).encode())


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("only http")
    await BEHAVIOURS.get(scope["path"], tell_scope)(Request(scope, receive, send))


BEHAVIOURS = {"/" + name: value for name, value in list(globals().items()) if asyncio.iscoroutinefunction(value)}
