"""Tells the version that the module ``version`` has, which the test writes beside a copy of this file.

/wait?port=P      waits at the gate before it answers
/events?port=P    an event stream: an event, then another each time the gate lets it, until it is told to stop

Everything else is answered at once.
"""

from urllib.parse import parse_qs

import gate
from version import VERSION


def application(environ, start_response):
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    if environ["PATH_INFO"] == "/events":
        start_response("200 OK", [("Content-Type", "text/event-stream; charset=utf-8")])
        return _events(query["port"])
    if environ["PATH_INFO"] == "/wait":
        gate.wait(query["port"], "waiting", VERSION)
    body = VERSION.encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def _events(port):
    yield "data: {}\n\n".format(VERSION).encode()
    gate.wait(port, "event", VERSION)
    yield "data: {} again\n\n".format(VERSION).encode()
