"""An ASGI application whose clients stay: a WebSocket, a stream of events and a long poll, and a broadcast to all of them.

POST /broadcast sends the body to every client of this process and answers how many there were.
"""

import asyncio

_sockets = set()
_waiting = []


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await _web_socket(receive, send)
    elif scope["path"] == "/events":
        await _events(send)
    elif scope["path"] == "/poll":
        await _poll(send)
    elif scope["path"] == "/broadcast":
        await _broadcast(receive, send)
    else:
        await _answer(send, b"Hello, World!")


async def _lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _web_socket(receive, send):
    """Echoes, and takes part in broadcasts."""
    await receive()
    await send({"type": "websocket.accept"})
    _sockets.add(send)
    try:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})
    finally:
        _sockets.discard(send)


async def _events(send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
    while True:
        body = await _next()
        await send({"type": "http.response.body", "body": b"data: " + body + b"\n\n", "more_body": True})


async def _poll(send):
    await _answer(send, await _next())


def _next():
    future = asyncio.get_running_loop().create_future()
    _waiting.append(future)
    return future


async def _broadcast(receive, send):
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    waiting, _waiting[:] = _waiting[:], []
    for future in waiting:
        if not future.done():
            future.set_result(body)
    sockets = list(_sockets)
    for send_to in sockets:
        try:
            await send_to({"type": "websocket.send", "bytes": body})
        except Exception:
            _sockets.discard(send_to)  # It closed meanwhile.
    await _answer(send, str(len(waiting) + len(sockets)).encode())


async def _answer(send, body):
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
