"""A Flask view for WebSockets that the front holds: WebSocket-over-HTTP, written out."""

import json
import os
import signal

from flask import Flask, Response, request

from version import VERSION

EVENTS = "application/websocket-events"

app = Flask(__name__)
ended = []


def decode(body):
    """Yield the type and content of each event."""
    while body:
        line, _, body = body.partition(b"\r\n")
        kind, _, size = line.partition(b" ")
        content = None
        if size:
            length = int(size, 16)
            content, body = body[:length], body[length + 2 :]
        yield kind.decode(), content


def encode(kind, content=None):
    """Return an event."""
    if content is None:
        return "{}\r\n".format(kind).encode()
    return "{} {:x}\r\n".format(kind, len(content)).encode() + content + b"\r\n"


def control(kind, **values):
    """Return a control message."""
    return encode("TEXT", b"c:" + json.dumps(dict(values, type=kind)).encode())


@app.get("/")
def version():
    return VERSION


@app.get("/ended")
def list_ended():
    return " ".join(ended)


@app.get("/get-only")
def get_only():
    return "a page"


@app.post("/room/<name>")
def room(name):
    """Answer the events of one WebSocket."""
    answer = b""
    fields = {}
    for kind, content in decode(request.get_data()):
        if kind == "OPEN":
            answer += encode("OPEN") + control("subscribe", channel=name)
            fields["Sec-WebSocket-Extensions"] = 'grip; message-prefix=""'
            fields["Set-Meta-Room"] = name
        elif kind == "TEXT":
            if content == b"crash":
                os.kill(os.getpid(), signal.SIGKILL)
            if content == b"fail":
                return "failed", 500
            if content == b"rubbish":
                return Response("TEXT 99\r\n", content_type=EVENTS)
            if content == b"close":
                answer += encode("CLOSE", (4001).to_bytes(2, "big") + b"enough")
            else:
                answer += encode("TEXT", "{}: {} in {}".format(VERSION, content.decode(), request.headers["Meta-Room"]).encode())
        elif kind == "BINARY":
            answer += encode("BINARY", content[::-1])
        elif kind in ("CLOSE", "DISCONNECT"):
            ended.append("{}:{}".format(name, kind))
    return Response(answer, content_type=EVENTS, headers=fields)
