"""A Starlette application that uses what depends on the server behaving like any other."""

import contextlib
import contextvars

import anyio
import starlette.requests
from starlette.applications import Starlette
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

seen = []
request_id = contextvars.ContextVar("request_id", default="none")


@contextlib.asynccontextmanager
async def lifespan(app):
    async with anyio.create_task_group() as group:
        app.state.group = group
        group.start_soon(anyio.sleep, 3600)
        yield
        group.cancel_scope.cancel()


async def hello(request):
    return PlainTextResponse("hello")


async def form(request):
    content = await request.body()
    return JSONResponse({"length": len(content), "query": dict(request.query_params), "client": request.client.host, "url": str(request.url)})


async def stream_in(request):
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return PlainTextResponse(str(size))


async def stream_out(request):
    async def numbers():
        for number in range(5):
            yield "{}\n".format(number)
            await anyio.sleep(0)

    return StreamingResponse(numbers(), media_type="text/plain")


async def endless(request):
    """Streams until the client leaves; Starlette listens for that beside."""

    async def numbers():
        try:
            while True:
                yield b"x" * 1000
                await anyio.sleep(0.001)
        finally:
            seen.append("stream ended")

    return StreamingResponse(numbers())


async def file(request):
    return FileResponse(__file__)


def threaded(request):
    """Runs in a thread of anyio's."""
    return PlainTextResponse(request_id.get())


async def raising(request):
    raise ValueError("raised in Starlette")


async def background(request):
    tasks = BackgroundTasks()
    tasks.add_task(later, "asynchronous")
    tasks.add_task(seen.append, "in a thread")
    return PlainTextResponse("answered", background=tasks)


async def later(text):
    await anyio.sleep(0.001)
    seen.append(text)


async def group(request):
    results = []

    async def work(number):
        await anyio.sleep(0.001 * number)
        results.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(work, number)
    return JSONResponse(results)


async def scopes(request):
    """Cancel scopes and timeouts of anyio, around a wait for the client, too."""
    results = []
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep(3600)
    results.append(scope.cancel_called)
    await request.body()
    with anyio.move_on_after(0.01) as scope:
        await request.receive()
    results.append(scope.cancel_called)
    try:
        with anyio.fail_after(0.01):
            await request.receive()
    except TimeoutError:
        results.append("timeout")
    async with anyio.create_task_group() as tasks:

        async def listen():
            await request.receive()
            results.append("not reached")

        tasks.start_soon(listen)
        await anyio.sleep(0.005)
        tasks.cancel_scope.cancel()
    return JSONResponse(results)


async def is_disconnected(request):
    return JSONResponse([await request.is_disconnected(), await request.is_disconnected()])


async def waits_until_disconnected(request):
    while not await request.is_disconnected():
        await anyio.sleep(0.001)
    seen.append("disconnected")
    return Response()


async def reads_until_gone(request):
    try:
        await request.body()
    except starlette.requests.ClientDisconnect:
        seen.append("client disconnect")
    return Response()


async def ask(request):
    content = "\n".join(seen)
    del seen[:]
    return PlainTextResponse(content)


async def echo(websocket: WebSocket):
    await websocket.accept(subprotocol="chat" if "chat" in websocket.scope["subprotocols"] else None)
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect as error:
        seen.append("disconnect {}".format(error.code))


async def json_socket(websocket: WebSocket):
    await websocket.accept()
    async for content in websocket.iter_json():
        await websocket.send_json({"got": content})


class Identify(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        request_id.set(request.headers.get("x-id", "unset"))
        response = await call_next(request)
        response.headers["x-id"] = request_id.get()
        return response


ROUTES = [
    Route("/" + function.__name__, function, methods=["GET", "POST"])
    for function in (
        hello,
        form,
        stream_in,
        stream_out,
        endless,
        file,
        threaded,
        raising,
        background,
        group,
        scopes,
        is_disconnected,
        waits_until_disconnected,
        reads_until_gone,
        ask,
    )
]
SOCKETS = [WebSocketRoute("/echo", echo), WebSocketRoute("/json_socket", json_socket)]

app = Starlette(routes=ROUTES + SOCKETS, lifespan=lifespan)
wrapped = Starlette(routes=ROUTES + SOCKETS, middleware=[Middleware(Identify), Middleware(GZipMiddleware, minimum_size=100)], lifespan=lifespan)
