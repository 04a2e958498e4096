"""A FastAPI application as users write them."""

import hashlib
import threading
from typing import List, Optional

from fastapi import Depends, FastAPI, File, Form, Header, HTTPException, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

import gate

app = FastAPI(title="Shop")


class Item(BaseModel):
    name: str
    price: float
    tags: List[str] = []


async def connection(port: Optional[int] = None):
    """What a database session is: opened before the endpoint, closed after the response."""
    if port:
        gate.signal(port, "opened")
    try:
        yield "session"
    except RuntimeError as error:
        if port:
            gate.signal(port, "rolled_back", str(error))
        raise
    finally:
        if port:
            gate.signal(port, "closed")


def user(x_user: str = Header("nobody")):
    if x_user == "banned":
        raise HTTPException(403, "banned", headers={"X-Why": "banned"})
    return x_user


@app.on_event("startup")
async def start():
    app.state.started = True


@app.get("/items/{number}")
async def read_item(number: int, limit: int = 10, tags: List[str] = [], who: str = Depends(user)):
    return {"number": number, "limit": limit, "who": who, "started": app.state.started}


@app.post("/items", status_code=201, response_model=Item)
async def create_item(item: Item):
    return item


@app.get("/session")
async def with_session(session: str = Depends(connection), fail: bool = False):
    if fail:
        raise RuntimeError("failed in a session")
    return {"session": session}


@app.get("/threaded")
def threaded(port: int):
    """Two of them run at a time: each waits until the test has seen both."""
    gate.wait(port, "in_thread", threading.current_thread() is threading.main_thread())
    return {"main": threading.current_thread() is threading.main_thread()}


@app.post("/upload")
async def upload(text: str = Form(), choice: List[str] = Form(), file: List[UploadFile] = File(), empty: UploadFile = File()):
    files = []
    for field, uploads in (("file", file), ("empty", [empty])):
        for one in uploads:
            content = await one.read()
            files.append({"field": field, "name": one.filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return {"form": {"text": [text], "choice": choice}, "files": files}


@app.get("/stream")
async def stream(port: int):
    async def lines():
        for number in range(3):
            yield "line {}\n".format(number)
            await gate.wait_async(port, "sent", number)

    return StreamingResponse(lines(), media_type="text/plain")


class Room:
    """Sends each message to all who are in it."""

    def __init__(self):
        self.members = []

    async def tell(self, text):
        for member in list(self.members):
            await member.send_text(text)


rooms = {}


@app.websocket("/rooms/{name}")
async def room(websocket: WebSocket, name: str, nick: str, session: str = Depends(connection)):
    here = rooms.setdefault(name, Room())
    await websocket.accept()
    here.members.append(websocket)
    await here.tell("{} is here with a {}".format(nick, session))
    try:
        while True:
            await here.tell("{}: {}".format(nick, await websocket.receive_text()))
    except WebSocketDisconnect:
        here.members.remove(websocket)
        await here.tell("{} has left".format(nick))
