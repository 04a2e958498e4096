"""A chat in synchronous Flask.

    ./darter run examples/chat/flask_chat.py

Who listens takes no thread and no worker: the server holds the streams, here and after reloads, and sends what is published.
"""

from pathlib import Path

import darter
from flask import Flask, Response, request

app = Flask(__name__)
PAGE = Path(__file__).with_name("chat.html").read_text()


@app.get("/")
def page():
    return PAGE


@app.get("/events")
def events():
    answer = Response("retry: 1000\n\n", content_type="text/event-stream")
    answer.headers["Grip-Hold"] = "stream"
    # A page that is new gets what is kept; one that comes again (Last-Event-ID) what it has missed.
    answer.headers["Grip-Channel"] = "chat" if "Last-Event-ID" in request.headers else "chat; prev-id=none"
    answer.headers["Grip-Keep-Alive"] = r":\n\n; format=cstring; timeout=20"
    return answer


@app.post("/messages")
def say():
    message = request.get_json()
    name, text = str(message.get("name", ""))[:40].strip(), str(message.get("text", ""))[:1000].strip()
    if not name or not text:
        return {"problem": "A message has a name and a text."}, 422
    return {"listeners": darter.publish("chat", {"name": name, "text": text})}
