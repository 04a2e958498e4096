"""/slow waits for the gate, /fast does not; /who says which process and thread answers."""

import os
import threading
from urllib.parse import parse_qs

import gate


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        gate.wait(parse_qs(environ["QUERY_STRING"])["port"][0], "slow", str(threading.get_ident()))
    environ["wsgi.input"].read()
    body = "{} {} {}".format(path, os.getpid(), threading.get_ident()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
