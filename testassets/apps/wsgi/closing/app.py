"""Responses whose iterable reports to a gate when it is closed; the path says how the response goes."""

from urllib.parse import parse_qs

import gate


class Body:
    def __init__(self, pieces, port, error=None):
        self._pieces = pieces
        self._port = port
        self._error = error
        self._closed = 0

    def __iter__(self):
        return iter(self._pieces)

    def close(self):
        self._closed += 1
        gate.signal(self._port, "closed", str(self._closed))
        if self._error is not None:
            raise self._error


class SizedBody(Body):
    def __len__(self):
        return 1


def _failing():
    yield b"one"
    raise ValueError("while iterating")


def _failing_at_once():
    raise ValueError("at once")
    yield b"never"


def _endless():
    while True:
        yield b"x" * 65536


def _stepwise(port):
    yield b"first"
    gate.wait(port, "between")
    while True:
        yield b"x" * 65536


def _generator(port):
    try:
        while True:
            yield b"x" * 65536
    finally:
        gate.signal(port, "closed", "1")


def application(environ, start_response):
    port = parse_qs(environ["QUERY_STRING"])["port"][0]
    path = environ["PATH_INFO"]
    status = {"/not-modified": "304 Not Modified", "/no-content": "204 No Content"}.get(path, "200 OK")
    headers = [("Content-Type", "text/plain")] if status == "200 OK" else []
    if path == "/length":
        headers.append(("Content-Length", "6"))
    if path == "/short":
        headers.append(("Content-Length", "100"))
    if path != "/not-started":
        start_response(status, headers)
    if path == "/endless-generator":
        return _generator(port)
    return {
        "/sized": lambda: SizedBody([b"onetwo"], port),
        "/failing": lambda: Body(_failing(), port),
        "/failing-at-once": lambda: Body(_failing_at_once(), port),
        "/endless": lambda: Body(_endless(), port),
        "/stepwise": lambda: Body(_stepwise(port), port),
        "/close-fails": lambda: Body([b"one", b"two"], port, RuntimeError("close failed")),
        "/text": lambda: Body(["text"], port),
    }.get(path, lambda: Body([b"one", b"two"], port))()
