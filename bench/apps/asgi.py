"""Plain ASGI application of the benchmarks: ``/`` hello, ``POST /echo`` the body back as it comes, ``/ws`` messages back.

It does as little as an ASGI application can, so what is measured is the server. The echo states no Content-Length: it
is a stream, which the server has to frame.
"""

HELLO = b"Hello, world!"
HELLO_HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
ECHO_HEADERS = [(b"content-type", b"application/octet-stream")]


async def application(scope, receive, send):
    if scope["type"] == "http":
        if scope["path"] == "/":
            await send({"type": "http.response.start", "status": 200, "headers": HELLO_HEADERS})
            await send({"type": "http.response.body", "body": HELLO})
        elif scope["path"] == "/echo":
            await _echo(receive, send)
        else:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
    elif scope["type"] == "websocket":
        await _echo_messages(receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)


async def application_that_reads(scope, receive, send):
    """The same, for Hypercorn: it ends a connection whose request was answered before the application read it."""
    if scope["type"] == "http" and scope["path"] == "/":
        await receive()
    await application(scope, receive, send)


async def _echo(receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": ECHO_HEADERS})
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})


async def _echo_messages(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


async def _lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
