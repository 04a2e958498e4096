"""A FastAPI application."""

import gate
from fastapi import BackgroundTasks, Depends, FastAPI, File, HTTPException, Request, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI()
started = []


class Item(BaseModel):
    name: str
    price: float


def number(n: int = 1):
    return n


@app.on_event("startup")
async def startup():
    started.append(True)


@app.get("/")
async def root():
    return {"started": started}


@app.get("/sync")
def sync(n: int = Depends(number)):
    return {"n": n}


@app.post("/items")
async def items(item: Item):
    return {"name": item.name, "double": 2 * item.price}


@app.post("/upload")
async def upload(file: UploadFile = File(...)):
    return {"name": file.filename, "size": len(await file.read())}


@app.get("/background")
async def background(port: int, tasks: BackgroundTasks):
    tasks.add_task(gate.signal, port, "background")
    return {}


@app.get("/missing")
async def missing():
    raise HTTPException(404, "no such thing")


@app.get("/raises")
async def raises():
    raise ValueError("raised in an endpoint")


@app.get("/events")
async def events(request: Request):
    async def numbers():
        for n in range(3):
            yield "data: {}\n\n".format(n)

    return StreamingResponse(numbers(), media_type="text/event-stream")


@app.websocket("/ws/{room}")
async def websocket(socket: WebSocket, room: str):
    await socket.accept()
    try:
        while True:
            await socket.send_text("{}: {}".format(room, await socket.receive_text()))
    except WebSocketDisconnect as error:
        started.append(error.code)
