"""One behaviour per path of the http messages of ASGI."""

import array
import asyncio
import os

import sys

#: What applications saw, for a later request to ask.
seen = []

#: What an application keeps beyond its request.
kept = {}


class Text(str):
    pass


class Octets(bytes):
    pass


async def start(send, status=200, headers=((b"content-type", b"text/plain"),), **others):
    await send(dict({"type": "http.response.start", "status": status, "headers": list(headers)}, **others))


async def body(send, content=b"", more=False, **others):
    await send(dict({"type": "http.response.body", "body": content, "more_body": more}, **others))


async def answer(send, content=b"hello", **others):
    await start(send, **others)
    await body(send, content)


async def hello(scope, receive, send):
    await answer(send)


async def no_keys(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})


async def none_values(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": None, "trailers": None})
    await send({"type": "http.response.body", "body": None, "more_body": None})


async def pieces(scope, receive, send):
    await start(send)
    for piece in (b"one,", b"two,", b"three"):
        await body(send, piece, more=True)
    await body(send)


async def pieces_last(scope, receive, send):
    await start(send)
    await body(send, b"one,", more=True)
    await body(send, b"two")


async def empty_pieces(scope, receive, send):
    await start(send)
    await body(send, b"", more=True)
    await body(send, b"late", more=True)
    await body(send)


async def with_length(scope, receive, send):
    await answer(send, headers=[(b"content-length", b"5")])


async def pieces_with_length(scope, receive, send):
    await start(send, headers=[(b"Content-Length", b"6")])
    await body(send, b"one", more=True)
    await body(send, b"two", more=True)
    await body(send)


async def large(scope, receive, send):
    await answer(send, bytes(range(256)) * 4096)


async def large_pieces(scope, receive, send):
    await start(send)
    for number in range(1000):
        await body(send, bytes([number % 256]) * 1000, more=True)
    seen.append("all pieces sent")
    await body(send)


async def like_bytes(scope, receive, send):
    await start(send)
    await body(send, bytearray(b"bytearray,"), more=True)
    await body(send, memoryview(b"xmemoryview,x")[1:-1], more=True)
    await body(send, Octets(b"subclass,"), more=True)
    await body(send, array.array("B", b"array"))


async def gap(scope, receive, send):
    await start(send)
    await body(send, b"first", more=True)
    await wait_for_gate(scope)
    await body(send, b"second")


async def suspended(scope, receive, send):
    await asyncio.sleep(0)
    await answer(send)


async def no_content(scope, receive, send):
    await answer(send, b"dropped", status=204)


async def not_modified(scope, receive, send):
    await answer(send, b"dropped", status=304, headers=[(b"etag", b'"1"'), (b"content-length", b"5")])


async def status(scope, receive, send):
    import http

    await answer(send, status=http.HTTPStatus.IM_A_TEAPOT)


async def cookies(scope, receive, send):
    await answer(send, headers=[(b"Content-Type", b"text/plain"), (b"Set-Cookie", b"a=1"), [b"set-cookie", b"b=2"]])


async def header_forms(scope, receive, send):
    await start(send, headers=())
    await body(send, b"", more=True)
    await body(send)


async def header_iterator(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": (pair for pair in [(b"x-one", b"1"), (Octets(b"x-two"), Octets(b"2"))])})
    await body(send, b"iterated")


async def obs_text(scope, receive, send):
    await answer(send, headers=[(b"x-name", "grüße".encode("latin-1")), (b"x-tab", b"a\tb")])


async def hop_by_hop(scope, receive, send):
    await answer(
        send,
        headers=[(b"connection", b"keep-alive"), (b"keep-alive", b"timeout=5"), (b"transfer-encoding", b"chunked"), (b"x-kept", b"yes")],
    )


async def connection_close(scope, receive, send):
    await answer(send, headers=[(b"connection", b"close")])


async def too_long(scope, receive, send):
    await answer(send, headers=[(b"content-length", b"3")])


async def too_long_pieces(scope, receive, send):
    await start(send, headers=[(b"content-length", b"5")])
    await body(send, b"hel", more=True)
    await body(send, b"lo, and more", more=True)
    await body(send, b"even more")


async def too_short(scope, receive, send):
    await answer(send, headers=[(b"content-length", b"10")])


async def too_short_pieces(scope, receive, send):
    await start(send, headers=[(b"content-length", b"10")])
    await body(send, b"hello", more=True)
    await body(send)


async def not_started(scope, receive, send):
    await body(send, b"hello")


async def returns(scope, receive, send):
    pass


async def returns_after_start(scope, receive, send):
    await start(send)


async def returns_amid_body(scope, receive, send):
    await start(send)
    await body(send, b"half", more=True)


async def raises(scope, receive, send):
    raise ValueError("raised \u2713 before")


async def raises_after_start(scope, receive, send):
    await start(send)
    raise ValueError("raised after the start")


async def raises_amid_body(scope, receive, send):
    await start(send)
    await body(send, b"half", more=True)
    raise ValueError("raised amid the body")


async def raises_at_the_end(scope, receive, send):
    await answer(send)
    raise ValueError("raised at the end")


async def raises_later(scope, receive, send):
    await asyncio.sleep(0)
    raise ValueError("raised later")


async def cancels_itself(scope, receive, send):
    current_task().cancel()
    await asyncio.sleep(0)


async def exits(scope, receive, send):
    sys.exit(7)


async def exits_later(scope, receive, send):
    await asyncio.sleep(0)
    sys.exit(7)


def current_task():
    return asyncio.current_task()


async def attempt(send, *messages):
    """Sends messages of which one is refused, and answers with the error."""
    try:
        for message in messages:
            await send(message)
    except Exception as error:
        return "{}: {}".format(type(error).__name__, error).encode()
    return b"accepted"


def starting(**message):
    return dict({"type": "http.response.start", "status": 200, "headers": []}, **message)


#: Messages that are refused, by name; the response is started by a good one afterwards.
REFUSED = {
    "not_a_dict": [["http.response.start"]],
    "no_type": [{"status": 200}],
    "type_none": [{"type": None}],
    "type_unknown": [{"type": "http.response.unknown"}],
    "type_request": [{"type": "http.request"}],
    "type_websocket": [{"type": "websocket.send", "text": "x"}],
    "status_missing": [{"type": "http.response.start"}],
    "status_text": [starting(status="200")],
    "status_none": [starting(status=None)],
    "status_1xx": [starting(status=101)],
    "status_large": [starting(status=1000)],
    "status_huge": [starting(status=1 << 80)],
    "headers_number": [starting(headers=5)],
    "headers_dict": [starting(headers={b"a": b"b"})],
    "header_number": [starting(headers=[5])],
    "header_single": [starting(headers=[(b"a",)])],
    "header_triple": [starting(headers=[(b"a", b"b", b"c")])],
    "name_text": [starting(headers=[("a", b"b")])],
    "name_empty": [starting(headers=[(b"", b"b")])],
    "name_space": [starting(headers=[(b"a b", b"b")])],
    "name_colon": [starting(headers=[(b"a:", b"b")])],
    "name_crlf": [starting(headers=[(b"a\r\nb", b"b")])],
    "value_text": [starting(headers=[(b"a", "b")])],
    "value_crlf": [starting(headers=[(b"a", b"b\r\nset-cookie: c=d")])],
    "value_lf": [starting(headers=[(b"a", b"b\n")])],
    "value_nul": [starting(headers=[(b"a", b"b\0")])],
    "value_long": [starting(headers=[(b"a", b"b" * 70000)])],
    "length_text": [starting(headers=[(b"content-length", b"five")])],
    "length_negative": [starting(headers=[(b"content-length", b"-1")])],
    "length_empty": [starting(headers=[(b"content-length", b"")])],
    "length_twice": [starting(headers=[(b"content-length", b"1"), (b"content-length", b"2")])],
    "body_first": [{"type": "http.response.body", "body": b"x"}],
    "trailers_first": [{"type": "http.response.trailers", "headers": []}],
    "info_list": [{"type": "http.response.debug", "info": []}],
    "link_text": [{"type": "http.response.early_hint", "links": ["</style.css>"]}],
    "link_crlf": [{"type": "http.response.early_hint", "links": [b"</style.css>\r\n"]}],
}


async def refused(scope, receive, send):
    result = await attempt(send, *REFUSED[scope["query_string"].decode()])
    await answer(send, result)


async def refused_after_start(scope, receive, send):
    await start(send)
    results = [
        await attempt(send, starting()),
        await attempt(send, {"type": "http.response.body", "body": "text"}),
        await attempt(send, {"type": "http.response.body", "body": 5}),
        await attempt(send, {"type": "http.response.trailers", "headers": []}),
        await attempt(send, {"type": "http.response.debug", "info": {}}),
        await attempt(send, {"type": "http.response.pathsend", "path": "/no such file"}),
    ]
    await body(send, b"\n".join(results))


async def refused_after_end(scope, receive, send):
    await answer(send)
    for message in (starting(), {"type": "http.response.body", "body": b"more"}, {"type": "http.response.early_hint", "links": []}):
        seen.append((await attempt(send, message)).decode())


async def ask_seen(scope, receive, send):
    content = "\n".join(str(item) for item in seen).encode()
    del seen[:]
    await answer(send, content)


async def receives(scope, receive, send):
    """Answers with the messages of the body."""
    messages = []
    more = True
    while more:
        message = await receive()
        messages.append("{}:{}:{}".format(message["type"], len(message["body"]), message["more_body"]))
        more = message["more_body"]
        if len(messages) == 1 and scope["query_string"]:
            await wait_for_gate(scope)
    await answer(send, "\n".join(messages).encode())


async def echo(scope, receive, send):
    await start(send)
    more = True
    while more:
        message = await receive()
        more = message["more_body"]
        await body(send, message["body"], more=more)


async def sums(scope, receive, send):
    import zlib

    size, check, more = 0, 0, True
    while more:
        message = await receive()
        more = message["more_body"]
        size += len(message["body"])
        check = zlib.crc32(message["body"], check)
    await answer(send, "{} {}".format(size, check).encode())


async def body_ignored(scope, receive, send):
    await answer(send, b"ignored")


async def after_the_end(scope, receive, send):
    await answer(send)
    seen.append((await receive())["type"])
    seen.append((await receive())["type"])


async def waits_for_disconnect(scope, receive, send):
    message = await receive()
    seen.append(message["type"])
    message = await receive()
    seen.append(message["type"])
    seen.append((await attempt(send, starting())).decode())
    raise ConnectionError("after the client has left")


async def raises_disconnected(scope, receive, send):
    await receive()
    await receive()
    await start(send)


async def finished_client(scope, receive, send):
    await receive()
    seen.append((await receive())["type"])
    await answer(send, b"still delivered")


async def listens_beside(scope, receive, send):
    """As frameworks do: one task waits for the client to leave while another answers."""

    async def listen():
        message = await receive()
        while message["type"] != "http.disconnect":
            message = await receive()
        seen.append("heard " + message["type"])

    listener = asyncio.ensure_future(listen())
    await asyncio.sleep(0)
    await answer(send)
    await listener


async def streams_until_gone(scope, receive, send):
    await start(send)
    await body(send, b"begun", more=True)
    try:
        while True:
            await body(send, b"x" * 60000, more=True)
    except OSError as error:
        seen.append(type(error).__name__)
        raise


async def keeps(scope, receive, send):
    kept["receive"], kept["send"] = receive, send
    kept["waiting"] = asyncio.ensure_future(receive())
    await answer(send, b"kept")


async def uses_kept(scope, receive, send):
    results = [
        repr(await kept["waiting"]),
        repr(await kept["receive"]()),
        (await attempt(kept["send"], starting())).decode(),
    ]
    await answer(send, "\n".join(results).encode())


async def receive_as_task(scope, receive, send):
    first = asyncio.ensure_future(receive())
    done, _ = await asyncio.wait([first])
    results = [repr(first.result())]
    # A task that is cancelled before it has run takes no message.
    second = asyncio.get_event_loop().create_task(receive())
    second.cancel()
    try:
        await second
    except asyncio.CancelledError:
        results.append("cancelled")
    try:
        await asyncio.wait_for(receive(), 0.01)
    except asyncio.TimeoutError:
        results.append("timed out")
    await asyncio.gather(send(starting()), send({"type": "http.response.body", "body": "\n".join(results).encode()}))


async def timed_out_receive(scope, receive, send):
    """A message that comes after a wait was given up goes to the next wait."""
    try:
        await asyncio.wait_for(receive(), 0.01)
    except asyncio.TimeoutError:
        await send({"type": "http.response.early_hint", "links": [b"</timed-out>"]})
    message = await receive()
    await answer(send, message["body"])


async def abandoned_calls(scope, receive, send):
    """Awaitables that are not awaited, or not to their end."""
    call = receive()
    call.close()
    results = []
    try:
        await call
    except RuntimeError as error:
        results.append(str(error))
    receive()
    throwing = receive()
    try:
        throwing.throw(KeyError("thrown"))
    except KeyError as error:
        results.append(repr(error))
    done = send(starting())
    try:
        done.send(None)
    except StopIteration as stop:
        results.append(repr(stop.value))
    try:
        done.throw(KeyError, KeyError("again"), None)
    except KeyError as error:
        results.append(repr(error))
    done.close()
    results.append((await receive())["type"])
    await body(send, "\n".join(results).encode())


async def trailers(scope, receive, send):
    await start(send, headers=[(b"trailer", b"x-check, x-more")], trailers=True)
    await body(send, b"content", more=True)
    await body(send)
    await send({"type": "http.response.trailers", "headers": [(b"X-Check", b"1")], "more_trailers": True})
    await send({"type": "http.response.trailers", "headers": [(b"x-more", b"2")]})
    seen.append((await attempt(send, {"type": "http.response.trailers", "headers": []})).decode())


async def trailers_unnamed(scope, receive, send):
    await start(send, headers=[], trailers=True)
    await body(send, b"content")
    await send({"type": "http.response.trailers", "headers": [(b"x-check", b"1")]})


async def trailers_missing(scope, receive, send):
    await start(send, trailers=True)
    await body(send, b"content")


async def early_hints(scope, receive, send):
    await send({"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload", b"</app.js>; rel=preload"]})
    await start(send)
    await send({"type": "http.response.early_hint", "links": iter([b"</late.css>; rel=preload"])})
    await send({"type": "http.response.early_hint", "links": []})
    await body(send, b"hinted", more=True)
    await send({"type": "http.response.early_hint", "links": [b"</too-late.css>"]})
    await body(send)


async def debug(scope, receive, send):
    await send({"type": "http.response.debug", "info": {"template": "x", "context": {"a": object()}}})
    await answer(send, b"debugged")


FILE = __file__


async def path_send(scope, receive, send):
    await start(send, headers=[(b"content-type", b"text/x-python"), (b"content-length", str(os.path.getsize(FILE)).encode())])
    await send({"type": "http.response.pathsend", "path": FILE})


async def path_send_no_length(scope, receive, send):
    await start(send)
    await send({"type": "http.response.pathsend", "path": FILE})


async def path_send_missing(scope, receive, send):
    await start(send)
    await send({"type": "http.response.pathsend", "path": "/no/such/file"})


async def path_send_short(scope, receive, send):
    await start(send, headers=[(b"content-length", b"100000000")])
    await send({"type": "http.response.pathsend", "path": FILE})


async def path_send_folder(scope, receive, send):
    await start(send)
    await send({"type": "http.response.pathsend", "path": os.path.dirname(FILE)})


async def zero_copy(scope, receive, send):
    """Files among other pieces; they are closed as soon as send() has returned."""
    await start(send)
    await body(send, b"<", more=True)
    for _ in range(40):
        with open(FILE, "rb") as file:
            await send({"type": "http.response.zerocopysend", "file": file, "offset": 4, "count": 7, "more_body": True})
    await body(send, b">", more=True)
    with open(FILE, "rb") as file:
        file.read(3)
        await send({"type": "http.response.zerocopysend", "file": file, "count": 4, "more_body": True})
        await send({"type": "http.response.zerocopysend", "file": file, "count": 3, "more_body": True})
    descriptor = os.open(FILE, os.O_RDONLY)
    await send({"type": "http.response.zerocopysend", "file": descriptor, "count": 3, "more_body": True})
    os.close(descriptor)
    await body(send, b"!")


async def zero_copy_last(scope, receive, send):
    await start(send)
    with open(FILE, "rb") as file:
        await send({"type": "http.response.zerocopysend", "file": file})


async def zero_copy_behind_window(scope, receive, send):
    await start(send)
    await body(send, b"x" * 300000, more=True)
    with open(FILE, "rb") as file:
        await send({"type": "http.response.zerocopysend", "file": file, "count": 3, "more_body": True})
    await body(send, b"y")


async def zero_copy_pipe(scope, receive, send):
    reading, writing = os.pipe()
    try:
        await start(send)
        await send({"type": "http.response.zerocopysend", "file": reading, "offset": 0})
    finally:
        os.close(reading)
        os.close(writing)


async def gate_state(scope, receive, send):
    await answer(send, str(len(asyncio.all_tasks())).encode())


async def wait_for_gate(scope):
    path = scope["query_string"].decode()
    while not os.path.exists(path):
        await asyncio.sleep(0.001)


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("only http")
    name = scope["path"].lstrip("/")
    await {**globals(), "current_task": None}[name](scope, receive, send)
