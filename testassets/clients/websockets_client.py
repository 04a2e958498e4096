"""Speaks to the application ``websocket`` by the library websockets; prints OK."""

import asyncio
import sys

import websockets


async def main(base):
    async with websockets.connect(base + "/echo", max_size=None) as socket:
        for message in ("hello", b"bytes", "", "x" * 1000000, b"y" * 3000000, "gr\u00fc\u00dfe " * 1000):
            await socket.send(message)
            assert await socket.recv() == message
        await socket.send(["in ", "several ", "frames"])
        assert await socket.recv() == "in several frames"
        await (await socket.ping())
        await socket.close(4001, "done")
    assert socket.close_code == 4001
    async with websockets.connect(base + "/subprotocol", subprotocols=["first", "second"], compression=None) as socket:
        assert socket.subprotocol == "second"
    async with websockets.connect(base + "/closes?code=4003&reason=enough") as socket:
        try:
            await socket.recv()
        except websockets.ConnectionClosed as closed:
            assert (closed.code, closed.reason) == (4003, "enough"), closed
    try:
        async with websockets.connect(base + "/refuses"):
            raise AssertionError("accepted")
    except websockets.InvalidStatusCode as error:
        assert error.status_code == 403
    sockets = await asyncio.gather(*(websockets.connect(base + "/echo") for _ in range(100)))
    await asyncio.gather(*(socket.send(str(number)) for number, socket in enumerate(sockets)))
    assert await asyncio.gather(*(socket.recv() for socket in sockets)) == [str(number) for number in range(100)]
    await asyncio.gather(*(socket.close() for socket in sockets))
    print("OK")


asyncio.run(main(sys.argv[1]))
