"""WSGI application of the comparison of tails: ``/`` takes 1 ms, ``/slow`` 500 ms, both waiting as for a database."""

import time


def application(environ, start_response):
    time.sleep(0.5 if environ.get("PATH_INFO") == "/slow" else 0.001)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, world!"]
