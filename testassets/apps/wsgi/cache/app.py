"""Counts its calls, and says that its answers may be kept."""

import itertools
from urllib.parse import parse_qs

import gate

CALLS = itertools.count(1)


def application(environ, start_response):
    """Answers with the number of the call, once the gate is open if one is named."""
    query = parse_qs(environ["QUERY_STRING"])
    number = next(CALLS)
    if "port" in query:
        gate.wait(query["port"][0], "asked")
    body = str(number).encode()
    start_response("200 OK", [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "public, max-age=3600"),
        ("Surrogate-Key", "numbers"),
    ])
    return [body]
