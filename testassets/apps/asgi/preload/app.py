"""Answers with the process that imported it, the one whose lifespan startup ran, and the one that answers."""

import os

IMPORTED_BY = os.getpid()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["started"] = os.getpid()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    text = "{} {} {}".format(IMPORTED_BY, scope["state"]["started"], os.getpid())
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text.encode()})
