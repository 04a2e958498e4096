"""A FastAPI application: JSON, a chat by WebSocket, and a clock by server-sent events.

    pip install fastapi        # or: apt-get install python3-fastapi
    ./darter run examples/fastapi/app.py --workers 1

One worker, since those who chat must be in the same process.
"""

import asyncio
import os
import time

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, StreamingResponse

app = FastAPI(title="FastAPI on Darter")
room = set()

PAGE = """<!doctype html>
<title>FastAPI on Darter</title>
<p>It is <b id="clock"></b>. <a href="/docs">The API</a></p>
<form id="form"><input id="text" placeholder="Say something" autofocus></form>
<ul id="said"></ul>
<script>
const socket = new WebSocket(location.origin.replace("http", "ws") + "/chat");
socket.onmessage = event => said.appendChild(document.createElement("li")).textContent = event.data;
form.onsubmit = () => { socket.send(text.value); text.value = ""; return false; };
new EventSource("/clock").onmessage = event => clock.textContent = event.data;
</script>
"""


@app.get("/", response_class=HTMLResponse)
async def index():
    return PAGE


@app.get("/about")
async def about():
    return {"worker": os.getpid(), "in the room": len(room)}


@app.websocket("/chat")
async def chat(socket: WebSocket):
    await socket.accept()
    room.add(socket)
    try:
        while True:
            text = await socket.receive_text()
            await asyncio.gather(*(other.send_text(text) for other in room), return_exceptions=True)
    except WebSocketDisconnect:
        pass
    finally:
        room.discard(socket)


@app.get("/clock")
async def clock():
    async def ticks():
        while True:
            yield f"data: {time.strftime('%H:%M:%S')}\n\n"
            await asyncio.sleep(1)

    return StreamingResponse(ticks(), media_type="text/event-stream")
