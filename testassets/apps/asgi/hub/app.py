"""Hands connections to the server, and publishes to them."""

from urllib.parse import parse_qs

import darter


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    fields = [(b"content-type", b"text/event-stream")]
    body = b": hello\n\n"
    if scope["path"] == "/publish":
        body = str(await darter.apublish(query["channel"], query["data"], id=query.get("id"))).encode()
    else:
        fields += [(b"grip-hold", b"stream"), (b"grip-channel", query["channel"].encode()), (b"grip-set-meta", b"user=ann")]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    for byte in body:
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
    await send({"type": "http.response.body"})
