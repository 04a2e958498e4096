"""What the tests of gateway protocols ask for; the last part of the path says what."""

import hashlib
import json
from urllib.parse import parse_qs

import gate


def _environ(environ):
    return json.dumps({key: value for key, value in environ.items() if isinstance(value, str)}).encode()


def _hash(environ):
    digest, length = hashlib.sha256(), 0
    while True:
        piece = environ["wsgi.input"].read(65536)
        if not piece:
            return json.dumps({"length": length, "sha256": digest.hexdigest()}).encode()
        digest.update(piece)
        length += len(piece)


def _pieces(port):
    for number in range(3):
        yield b"piece %d\n" % number
        gate.wait(port, "sent", str(number))


def _endless(port):
    try:
        while True:
            yield b"x" * 16384
    finally:
        gate.signal(port, "closed")


def application(environ, start_response):
    name = (environ["SCRIPT_NAME"] + environ["PATH_INFO"]).rsplit("/", 1)[1]
    if name in ("pieces", "endless"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        port = parse_qs(environ["QUERY_STRING"])["port"][0]
        return _pieces(port) if name == "pieces" else _endless(port)
    body = _hash(environ) if name == "hash" else _environ(environ)
    start_response("203 Fine", [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("X-Two", "a"), ("X-Two", "b")])
    return [body]
