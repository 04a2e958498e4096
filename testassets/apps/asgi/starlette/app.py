"""A Starlette application that uses what depends on the server behaving like any other."""

import contextvars

import anyio
import gate
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute

request_id = contextvars.ContextVar("request_id", default="none")


class Tagging(BaseHTTPMiddleware):
    """Sets a context variable that the endpoint reads, and a field of the response."""

    async def dispatch(self, request, call_next):
        request_id.set(request.headers.get("x-request-id", "none"))
        response = await call_next(request)
        response.headers["x-tagged"] = "yes"
        return response


async def hello(request):
    return PlainTextResponse("hello " + request.path_params.get("name", "world"))


async def context(request):
    async def child():
        await anyio.sleep(0)
        results.append(request_id.get())

    results = []
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(child)
    return JSONResponse(results)


async def timeout(request):
    with anyio.move_on_after(0.05) as scope:
        await anyio.sleep_forever()
    return JSONResponse({"cancelled": scope.cancel_called})


async def thread(request):
    return PlainTextResponse(await anyio.to_thread.run_sync(lambda: "from a thread"))


async def form(request):
    fields = await request.form()
    upload = fields["file"]
    content = await upload.read()
    return JSONResponse({"name": upload.filename, "size": len(content), "text": fields["text"], "url": str(request.url.path)})


async def upload(request):
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return PlainTextResponse(str(size))


async def file(request):
    return FileResponse(__file__)


async def background(request):
    port = request.query_params["port"]

    async def report():
        gate.signal(port, "background")

    return PlainTextResponse("answered", background=BackgroundTask(report))


async def events(request):
    port = request.query_params["port"]

    async def numbers():
        for number in range(3):
            yield "data: {}\n\n".format(number)
            await gate.wait_async(port, "sent")

    return StreamingResponse(numbers(), media_type="text/event-stream")


async def endless(request):
    """Starlette cancels the stream when the client leaves."""
    port = request.query_params["port"]

    async def pieces():
        try:
            while True:
                yield b"x" * 100
                await anyio.sleep(0.01)
        finally:
            gate.signal(port, "ended")

    return StreamingResponse(pieces())


async def raises(request):
    raise ValueError("raised in an endpoint")


async def redirect(request):
    return RedirectResponse("/hello")


class Methods(HTTPEndpoint):
    async def get(self, request):
        return PlainTextResponse("got")

    async def post(self, request):
        return PlainTextResponse("posted " + (await request.body()).decode())


class Chat(WebSocketEndpoint):
    encoding = "json"
    members = set()

    async def on_connect(self, websocket):
        await websocket.accept()
        self.members.add(websocket)

    async def on_receive(self, websocket, data):
        for member in self.members:
            await member.send_json(data)

    async def on_disconnect(self, websocket, close_code):
        self.members.discard(websocket)
        for member in self.members:
            await member.send_json({"left": close_code})


async def startup():
    app.state.started = True


async def state(request):
    return JSONResponse(request.app.state.started)


routes = [
    Route("/hello", hello),
    Route("/hello/{name}", hello),
    Route("/context", context),
    Route("/timeout", timeout),
    Route("/thread", thread),
    Route("/form", form, methods=["POST"]),
    Route("/upload", upload, methods=["POST"]),
    Route("/file", file),
    Route("/background", background),
    Route("/events", events),
    Route("/endless", endless),
    Route("/raises", raises),
    Route("/redirect", redirect),
    Route("/methods", Methods),
    Route("/state", state),
    Mount("/mounted", routes=[Route("/hello", hello)]),
    WebSocketRoute("/chat", Chat),
]
app = Starlette(routes=routes, on_startup=[startup])
tagged = Starlette(
    routes=routes, on_startup=[startup], middleware=[Middleware(Tagging), Middleware(GZipMiddleware, minimum_size=500)]
)
tagged.state = app.state
