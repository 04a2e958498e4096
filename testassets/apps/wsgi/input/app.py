"""Reads wsgi.input in every way.

/operations?ops=read:3,readline,...  runs the operations on wsgi.input and, for comparison, on a BytesIO with the bytes
                                     of X-Expected (base64), X-Repeat times; answers with both lists of results
/hash                                reads all in pieces; answers with length and SHA-256
/echo                                answers with the body
/ignore                              does not read
/partial?bytes=N                     reads some bytes, ten by default, and leaves the rest
/gated?port=N                        reports to the gate after the first ten bytes, then reads the rest
"""

import base64
import hashlib
import io
import json
from urllib.parse import parse_qs

import gate


def _run(stream, operations):
    results = []
    for operation in operations:
        name, _, argument = operation.partition(":")
        arguments = [None if argument == "None" else int(argument)] if argument else []
        if name == "iterate":
            result = list(stream)
        elif name == "next":
            result = next(iter(stream), None)
        else:
            result = getattr(stream, name)(*arguments)
        results.append(_text(result))
    return results


def _text(result):
    if isinstance(result, list):
        return [_text(item) for item in result]
    assert result is None or type(result) is bytes, type(result)
    return None if result is None else result.decode("latin-1")


def _operations(environ, query):
    operations = query["ops"][0].split(",")
    expected = base64.b64decode(environ["HTTP_X_EXPECTED"]) * int(environ.get("HTTP_X_REPEAT", "1"))
    return json.dumps([_run(environ["wsgi.input"], operations), _run(io.BytesIO(expected), operations)]).encode()


def _hash(environ, query):
    digest, length = hashlib.sha256(), 0
    size = int(query.get("size", ["65536"])[0])
    while True:
        piece = environ["wsgi.input"].read(size)
        if not piece:
            break
        assert len(piece) <= size
        digest.update(piece)
        length += len(piece)
    return json.dumps({"length": length, "sha256": digest.hexdigest()}).encode()


def _gated(environ, query):
    first = environ["wsgi.input"].read(10)
    gate.signal(query["port"][0], "first", first.decode("latin-1"))
    return first + environ["wsgi.input"].read()


_PAGES = {
    "/operations": _operations,
    "/hash": _hash,
    "/echo": lambda environ, query: environ["wsgi.input"].read(),
    "/ignore": lambda environ, query: b"ignored",
    "/partial": lambda environ, query: environ["wsgi.input"].read(int(query.get("bytes", ["10"])[0])),
    "/gated": _gated,
}


def application(environ, start_response):
    body = _PAGES[environ["PATH_INFO"]](environ, parse_qs(environ["QUERY_STRING"]))
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
    return [body]
