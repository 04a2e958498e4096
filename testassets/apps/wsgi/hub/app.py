"""Hands connections to the server, and publishes to them."""

import json
from urllib.parse import parse_qs

import darter


def answer(path, query, body):
    """Returns status, fields and body."""
    fields = [("Content-Type", "text/plain")]
    channels = [("Grip-Channel", channel) for channel in query.get("channel", "").split("|") if channel]
    if path == "/events":
        fields = [("Content-Type", "text/event-stream"), ("Grip-Hold", "stream" + query.get("hold", ""))]
        return "200 OK", fields + channels + [("Grip-Set-Meta", "user=" + query.get("user", "ann"))], b": hello\n\n"
    if path == "/poll":
        fields += [("Grip-Hold", "response"), ("Grip-Timeout", query.get("timeout", "1000")), ("X-Own", "1")]
        return "200 OK", fields + channels, b"nothing"
    if path == "/instruct":
        return "200 OK", [("Content-Type", "application/grip-instruct")], body
    if path == "/wrong":
        return "200 OK", [("Grip-Hold", "nonsense"), ("X-Secret", "1")], b"secret"
    if path == "/signature":
        return "200 OK", fields, query["grip-sig"].encode()
    if path == "/presence":
        return "200 OK", fields, json.dumps(darter.presence(query["channel"])).encode()
    return "404 Not Found", fields, b"?"


def application(environ, start_response):
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    query["grip-sig"] = environ.get("HTTP_GRIP_SIG", "")
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/publish":
        reached = darter.publish(query["channel"], query["data"] * int(query.get("times", "1")), id=query.get("id"))
        status, fields, body = "200 OK", [], str(reached).encode()
    else:
        status, fields, body = answer(environ["PATH_INFO"], query, body)
    start_response(status, fields + [("Content-Length", str(len(body)))])
    return [body]
