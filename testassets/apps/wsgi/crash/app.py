"""Views that end their process, and some that do not."""

import ctypes
import os
from urllib.parse import parse_qs

import gate


def application(environ, start_response):
    path = environ["PATH_INFO"]
    query = parse_qs(environ["QUERY_STRING"])
    if path == "/exit":
        os._exit(int(query["status"][0]))
    if path == "/segfault":
        ctypes.string_at(0)
    if path == "/abort":
        os.abort()
    if path == "/wait":
        gate.wait(query["port"][0], "waiting", str(os.getpid()))
    if path == "/partial":
        return _partial(query["port"][0], start_response)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


def _partial(port, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"part"
    gate.wait(port, "waiting", str(os.getpid()))
    yield b"rest"
