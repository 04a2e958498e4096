"""Requests that take too long in every way an event loop knows, and some that do not.

/block?port=P     never ends, and keeps the event loop, in a system call; says at the gate, if one is given, that it runs
/native           the same in C code that keeps the GIL
/hang             waits for ever, as a coroutine does
/deaf             the same, and ignores that it is cancelled
/partial          sends a piece and never the rest
/cancelled?port=P hangs, and says at the gate that it was cancelled
/wait?port=P      waits at the gate without blocking, then answers
/blockgate?port=P waits at the gate and blocks the loop meanwhile, then answers
/work?ms=N        takes its time without blocking
/die?port=P       says which process it is at the gate, then ends its process
/started          answers with the paths of all requests so far

Everything else answers with the process id. Every target is noted before it is run. A WebSocket echoes.
"""

import asyncio
import ctypes
import os
import time
from urllib.parse import parse_qs

import gate

STARTED = []


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await echo(receive, send)
    elif scope["type"] == "http":
        await respond(scope, receive, send)


async def respond(scope, receive, send):
    path = scope["path"]
    query = parse_qs(scope["query_string"].decode())
    port = query.get("port", [None])[0]
    text = str(os.getpid())
    if path == "/started":
        text = "\n".join(STARTED)
    else:
        STARTED.append(scope["raw_path"].decode() + "?" + scope["query_string"].decode())
    if path == "/block":
        if port:
            gate.signal(port, "running")
        time.sleep(3600)
    elif path == "/native":
        sleep = ctypes.PyDLL(None).sleep
        while True:
            sleep(3600)
    elif path == "/hang":
        await hang()
    elif path == "/deaf":
        while True:
            try:
                await hang()
            except asyncio.CancelledError:
                pass
    elif path == "/cancelled":
        try:
            gate.signal(port, "hanging", str(os.getpid()))
            await hang()
        except asyncio.CancelledError:
            gate.signal(port, "cancelled", str(os.getpid()))
            raise
    elif path == "/partial":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        await hang()
    elif path == "/wait":
        await gate.wait_async(port, "waiting", str(os.getpid()))
    elif path == "/blockgate":
        gate.wait(port, "waiting", str(os.getpid()))
    elif path == "/work":
        await asyncio.sleep(int(query["ms"][0]) / 1000)
    elif path == "/die":
        gate.signal(port, "dying", str(os.getpid()))
        os._exit(9)
    body = text.encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


async def hang():
    await asyncio.sleep(3600)


async def echo(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message["text"]})
