"""What ends in a log, one behaviour per path; the query has its parameters."""

import json
import os
import signal
import sys
from urllib.parse import parse_qsl

import gate

PLAIN = [("Content-Type", "text/plain")]


def application(environ, start_response):
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    path = environ["PATH_INFO"]
    if path == "/raise":
        raise ValueError(query.get("text", "raised"))
    if path == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    if path == "/part":
        return _part(start_response)
    if path == "/wait":
        gate.wait(query["port"], "waiting", str(os.getpid()))
    if path == "/print":
        print(query["text"])
        print(query["text"], file=sys.stderr)
        environ["wsgi.errors"].write(query["text"] + " in wsgi.errors\n")
    if path == "/flood":
        for number in range(int(query["lines"])):
            print("{} {}".format(number, "x" * 100))
    if path == "/read":
        environ["wsgi.input"].read()
    body = b"hello"
    if path == "/environ":
        body = json.dumps({key: value for key, value in environ.items() if isinstance(value, str)}).encode()
    start_response("200 OK", PLAIN + [("Content-Length", str(len(body))), ("X-Answer", "yes")])
    return [body]


def _part(start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "1000")])
    yield b"part"
    raise ValueError("part")
