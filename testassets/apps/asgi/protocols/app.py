"""What the tests of gateway protocols ask for; the last part of the path says what."""

import hashlib
import json
from urllib.parse import parse_qs

import gate


def _scope(scope):
    described = {key: scope[key] for key in ("scheme", "http_version", "method", "path", "root_path", "client", "server")}
    described["raw_path"] = scope["raw_path"].decode("latin-1")
    described["query_string"] = scope["query_string"].decode("latin-1")
    described["headers"] = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    described["tls"] = scope["extensions"].get("tls")
    return json.dumps(described).encode()


async def _hash(receive):
    digest, length, more = hashlib.sha256(), 0, True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        digest.update(message["body"])
        length += len(message["body"])
    return json.dumps({"length": length, "sha256": digest.hexdigest()}).encode()


async def _pieces(send, port):
    for number in range(3):
        await send({"type": "http.response.body", "body": b"piece %d\n" % number, "more_body": True})
        await gate.wait_async(port, "sent", str(number))
    await send({"type": "http.response.body", "body": b""})


async def _endless(send, port):
    try:
        while True:
            await send({"type": "http.response.body", "body": b"x" * 16384, "more_body": True})
    except OSError:
        gate.signal(port, "closed")


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("the tests have http only")
    name = scope["path"].rsplit("/", 1)[1]
    if name in ("pieces", "endless"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        port = parse_qs(scope["query_string"].decode())["port"][0]
        await (_pieces(send, port) if name == "pieces" else _endless(send, port))
        return
    body = await _hash(receive) if name == "hash" else _scope(scope)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"x-two", b"a"), (b"x-two", b"b")]
    await send({"type": "http.response.start", "status": 203, "headers": headers})
    await send({"type": "http.response.body", "body": body})
