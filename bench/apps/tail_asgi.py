"""The same for ASGI, as an application does it that blocks its event loop: what awaits disturbs nobody, on any server."""

import time

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"13")]


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        time.sleep(0.5 if scope["path"] == "/slow" else 0.001)
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": b"Hello, world!"})


async def _lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
