"""A Starlette application as users write them; ``wrapped`` is the same behind middleware that runs it in a task group."""

import contextlib
import contextvars
import gc
import hashlib
import os

import anyio
from starlette.applications import Starlette
from starlette.background import BackgroundTasks
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocketDisconnect

import gate

FOLDER = os.path.dirname(os.path.abspath(__file__))

request_id = contextvars.ContextVar("request_id", default="none")


class OutOfTea(Exception):
    pass


@contextlib.asynccontextmanager
async def lifespan(app):
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep_forever)
        yield {"greeting": "from the lifespan", "pid": os.getpid(), "visits": []}
        group.cancel_scope.cancel()
    print("the lifespan has ended", flush=True)


async def index(request):
    return PlainTextResponse("hello")


async def item(request):
    return JSONResponse(
        {
            "number": request.path_params["number"],
            "query": request.query_params.multi_items(),
            "url": str(request.url),
            "made": str(request.url_for("item", number=7)),
        }
    )


async def json(request):
    return JSONResponse({"method": request.method, "got": await request.json()}, status_code=201, headers={"X-Kind": "json"})


async def cookies(request):
    response = JSONResponse(request.cookies)
    response.set_cookie("first", "1", httponly=True)
    response.set_cookie("second", "2", path="/")
    return response


async def form(request):
    content = await request.form()
    fields, files = {}, []
    for name, value in content.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
        else:
            data = await value.read()
            files.append({"field": name, "name": value.filename, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    return JSONResponse({"form": fields, "files": files})


async def upload(request):
    digest = hashlib.sha256()
    async for piece in request.stream():
        digest.update(piece)
    return PlainTextResponse(digest.hexdigest())


async def upload_left(request):
    gate.signal(request.query_params["port"], "waiting")
    try:
        await request.body()
        outcome = "read"
    except ClientDisconnect:
        outcome = "client left"
    gate.signal(request.query_params["port"], "left", outcome)
    return Response()


async def stream(request):
    async def lines():
        for number in range(3):
            yield "{} {}\n".format(request.query_params["word"], number)
            await gate.wait_async(request.query_params["port"], "sent", number)

    return StreamingResponse(lines(), media_type="text/plain")


def threaded_stream(request):
    """A plain generator, which Starlette runs in threads."""

    def lines():
        for number in range(3):
            yield "threaded {}\n".format(number)
            gate.wait(request.query_params["port"], "sent", number)

    return StreamingResponse(lines(), media_type="text/plain")


async def endless(request):
    async def pieces():
        try:
            while True:
                yield b"x" * 1000
                await anyio.sleep(0)
        finally:
            gate.signal(request.query_params["port"], "ended")

    return StreamingResponse(pieces())


async def events(request):
    """Server-sent events; it goes on from what the client saw last."""

    async def lines():
        last = int(request.headers.get("last-event-id", "0"))
        for number in range(last + 1, last + 4):
            yield "id: {}\nevent: tick\ndata: number {}\n\n".format(number, number)
            await gate.wait_async(request.query_params["port"], "sent", number)

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


async def file(request):
    return FileResponse(request.query_params["path"], filename="file.bin")


async def background(request):
    port = request.query_params["port"]
    tasks = BackgroundTasks()
    tasks.add_task(gate.wait_async, port, "asynchronous")
    tasks.add_task(gate.signal, port, "threaded")
    return PlainTextResponse("answered", background=tasks)


async def failing_background(request):
    async def fail():
        raise RuntimeError("failed in the background " + request.query_params["word"])

    tasks = BackgroundTasks()
    tasks.add_task(fail)
    return PlainTextResponse("answered", background=tasks)


async def fail(request):
    raise RuntimeError("failed on purpose " + request.query_params["word"])


async def fail_amid(request):
    async def lines():
        yield "begun\n"
        await gate.wait_async(request.query_params["port"], "sent")
        raise RuntimeError("failed amid the body " + request.query_params["word"])

    return StreamingResponse(lines())


async def refuse(request):
    raise HTTPException(402, "pay first", headers={"X-Price": "5"})


async def tea(request):
    raise OutOfTea("none left")


async def on_out_of_tea(request, error):
    return PlainTextResponse("no tea: {}".format(error), status_code=418)


async def state(request):
    request.state.own = "of this request"
    request.state.visits.append(request.query_params["visit"])
    return JSONResponse({"greeting": request.state.greeting, "same": request.state.pid == os.getpid(), "visits": request.state.visits})


def threaded(request):
    """Runs in a thread of anyio's, with the context of the request."""
    return PlainTextResponse(request_id.get())


async def until_disconnected(request):
    port = request.query_params["port"]
    connected = await request.is_disconnected()
    gate.signal(port, "waiting", connected)
    while not await request.is_disconnected():
        await anyio.sleep(0.001)
    gate.signal(port, "left")
    return Response()


async def collect(request):
    """Finishes the generators of responses that were given up, which Python may leave to its collector."""
    return PlainTextResponse(str(gc.collect()))


async def pid(request):
    return PlainTextResponse(str(os.getpid()))


async def echo(websocket):
    """Sends back what comes: text, and bytes."""
    await websocket.accept(
        subprotocol="chat" if "chat" in websocket.scope["subprotocols"] else None,
        headers=[(b"x-socket", b"accepted"), (b"set-cookie", b"socket=1")],
    )
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            if "port" in websocket.query_params:
                gate.signal(websocket.query_params["port"], "left", "{} {}".format(message["code"], message.get("reason")))
            return
        if message.get("text") is not None:
            await websocket.send_text(message["text"])
        else:
            await websocket.send_bytes(message["bytes"])


async def json_socket(websocket):
    await websocket.accept()
    async for content in websocket.iter_json():
        await websocket.send_json({"got": content}, mode=websocket.query_params.get("mode", "text"))


async def closing_socket(websocket):
    await websocket.accept()
    await websocket.send_text("about to close")
    await websocket.close(int(websocket.path_params["code"]), websocket.query_params.get("reason"))


async def refusing_socket(websocket):
    await websocket.close(4003)


async def failing_socket(websocket):
    await websocket.accept()
    raise RuntimeError("failed in a socket " + await websocket.receive_text())


async def pushing_socket(websocket):
    """A task sends while another receives."""
    await websocket.accept()

    async def push():
        number = 0
        while True:
            await websocket.send_json(["pushed", number])
            await gate.wait_async(websocket.query_params["port"], "pushed", number)
            number += 1

    async with anyio.create_task_group() as group:
        group.start_soon(push)
        try:
            while True:
                await websocket.send_json(["answer", await websocket.receive_text()])
        except WebSocketDisconnect as error:
            group.cancel_scope.cancel()
            gate.signal(websocket.query_params["port"], "left", error.code)


class Identify(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        request_id.set(request.headers.get("x-id", "unset"))
        response = await call_next(request)
        response.headers["X-Id"] = request_id.get()
        return response


routes = [
    Route("/", index),
    Route("/items/{number:int}", item, name="item"),
    Route("/json", json, methods=["POST", "PUT", "PATCH"]),
    Route("/form", form, methods=["POST"]),
    Route("/upload", upload, methods=["POST"]),
    Route("/upload_left", upload_left, methods=["POST"]),
    *(
        Route("/" + function.__name__, function)
        for function in (
            cookies,
            stream,
            threaded_stream,
            endless,
            events,
            file,
            background,
            failing_background,
            fail,
            fail_amid,
            refuse,
            tea,
            state,
            threaded,
            until_disconnected,
            collect,
            pid,
        )
    ),
    Mount("/static", StaticFiles(directory=os.path.join(FOLDER, "static"))),
    Mount("/mounted", routes=[Route("/items/{number:int}", item, name="item"), WebSocketRoute("/echo", echo)]),
    WebSocketRoute("/echo", echo),
    WebSocketRoute("/json_socket", json_socket),
    WebSocketRoute("/closing_socket/{code:int}", closing_socket),
    WebSocketRoute("/refusing_socket", refusing_socket),
    WebSocketRoute("/failing_socket", failing_socket),
    WebSocketRoute("/pushing_socket", pushing_socket),
]


def create(*middleware):
    return Starlette(routes=routes, exception_handlers={OutOfTea: on_out_of_tea}, middleware=list(middleware), lifespan=lifespan)


app = create()
wrapped = create(Middleware(Identify))
