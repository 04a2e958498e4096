"""A chat in FastAPI.

    ./darter run examples/chat/fastapi_chat.py

With as many workers as one likes: the server holds the streams of all, and sends what any worker publishes.
"""

from pathlib import Path
from typing import Union

import darter
from fastapi import FastAPI, Header, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Chat")
PAGE = Path(__file__).with_name("chat.html").read_text()


class Message(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=1000)


@app.get("/", response_class=HTMLResponse)
async def page():
    return PAGE


@app.get("/events")
async def events(last_event_id: Union[str, None] = Header(None)):
    # A page that is new gets what is kept; one that comes again (Last-Event-ID) what it has missed.
    headers = {
        "Grip-Hold": "stream",
        "Grip-Channel": "chat; prev-id=none" if last_event_id is None else "chat",
        "Grip-Keep-Alive": r":\n\n; format=cstring; timeout=20",
    }
    return Response("retry: 1000\n\n", media_type="text/event-stream", headers=headers)


@app.post("/messages")
async def say(message: Message):
    return {"listeners": await darter.apublish("chat", {"name": message.name, "text": message.text})}
