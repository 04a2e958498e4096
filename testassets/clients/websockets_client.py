"""websockets as a client of the Starlette application: ``websockets_client.py URL deflate|plain``. What it saw is printed as JSON."""

import asyncio
import json
import os
import sys

import websockets


async def main(url, compression):
    options = {"compression": "deflate" if compression == "deflate" else None, "max_size": None}
    seen = {}
    async with websockets.connect(url + "/echo", subprotocols=["chat"], **options) as socket:
        seen["extensions"] = [extension.name for extension in socket.extensions]
        seen["subprotocol"] = socket.subprotocol
        seen["header"] = socket.response_headers["x-socket"]
        messages = ["hello", "", "grüße \u2713" * 1000, b"", b"\x00\xff" * 100_000, os.urandom(1_000_000), "x" * 1_000_000]
        seen["echoed"] = []
        for message in messages:
            await socket.send(message)
            seen["echoed"].append(await socket.recv() == message)
        await socket.send(["in ", "three ", "frames"])
        seen["fragments"] = await socket.recv()
        await asyncio.wait_for(await socket.ping(b"ping"), 30)
        await asyncio.gather(*(socket.send(str(number)) for number in range(100)))
        seen["order"] = sorted([int(await socket.recv()) for _ in range(100)]) == list(range(100))
    seen["closed"] = socket.close_code
    async with websockets.connect(url + "/closing_socket/4321?reason=bye", **options) as socket:
        seen["iterated"] = []
        try:
            async for message in socket:
                seen["iterated"].append(message)
        except websockets.ConnectionClosedError as error:
            seen["iterated"].append([error.rcvd.code, error.rcvd.reason])
    try:
        await websockets.connect(url + "/refusing_socket", **options)
    except websockets.InvalidStatusCode as error:
        seen["refused"] = error.status_code
    clients = [await websockets.connect(url + "/echo", **options) for _ in range(100)]
    await asyncio.gather(*(client.send(str(number)) for number, client in enumerate(clients)))
    seen["many"] = [await client.recv() for client in clients] == [str(number) for number in range(100)]
    await asyncio.gather(*(client.close() for client in clients))
    print(json.dumps(seen))


asyncio.run(main(*sys.argv[1:]))
