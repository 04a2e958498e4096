"""An ASGI application that fails, within the debugger."""

import asyncio

from darter.debugger import Debugger


async def view(scope, send):
    customer = {"name": "Ada", "path": scope["path"]}
    await asyncio.sleep(0)
    if scope["path"] == "/plain":
        # As Starlette does it: a response first, then the exception.
        await send({"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"Internal Server Error"})
    raise LookupError(customer["name"])


async def inner(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("only http")
    if scope["path"] == "/late":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    if scope["path"] != "/fine":
        await view(scope, send)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"fine"})


app = Debugger(pin="123-456-789").asgi(inner)
