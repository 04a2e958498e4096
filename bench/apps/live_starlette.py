"""What live.py does for its event streams, as one writes it with Starlette."""

import asyncio

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

_queues = set()


async def home(request):
    return PlainTextResponse("Hello, World!")


async def events(request):
    return StreamingResponse(_stream(), media_type="text/event-stream")


async def _stream():
    queue = asyncio.Queue()
    _queues.add(queue)
    try:
        yield b": hello\n\n"
        while True:
            yield b"data: " + await queue.get() + b"\n\n"
    finally:
        _queues.discard(queue)


async def broadcast(request):
    body = await request.body()
    for queue in _queues:
        queue.put_nowait(body)
    return PlainTextResponse(str(len(_queues)))


application = Starlette(
    routes=[Route("/", home), Route("/events", events), Route("/broadcast", broadcast, methods=["POST"])]
)
