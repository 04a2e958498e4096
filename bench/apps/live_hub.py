"""What live.py does for its event streams, as a synchronous WSGI application: the front holds them (Grip-Hold)."""

import darter

_STREAM = [("Content-Type", "text/event-stream"), ("Grip-Hold", "stream"), ("Grip-Channel", "all")]


def application(environ, start_response):
    if environ["PATH_INFO"] == "/events":
        start_response("200 OK", _STREAM)
        return [b": hello\n\n"]
    if environ["PATH_INFO"] == "/broadcast":
        message = environ["wsgi.input"].read().decode()
        return _text(start_response, str(darter.publish("all", message)))
    return _text(start_response, "Hello, World!")


def _text(start_response, text):
    body = text.encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
