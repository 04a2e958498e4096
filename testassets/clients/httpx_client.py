"""Speaks to the application ``http`` by the library httpx, over both versions of HTTP; prints OK."""

import asyncio
import sys

import httpx


async def main(base):
    for version in ("HTTP/1.1", "HTTP/2"):
        async with httpx.AsyncClient(base_url=base, http1=version == "HTTP/1.1", http2=version == "HTTP/2", timeout=30) as client:
            response = await client.get("/hello")
            assert (response.http_version, response.text) == (version, "hello"), response
            content = bytes(range(256)) * 4000
            assert (await client.post("/echo", content=content)).content == content
            answers = await asyncio.gather(*(client.post("/echo", content=str(number).encode()) for number in range(50)))
            assert [answer.text for answer in answers] == [str(number) for number in range(50)]
            async with client.stream("GET", "/pathsend_large") as stream:
                assert sum([len(piece) async for piece in stream.aiter_bytes()]) == 256 * 65536
    print("OK")


asyncio.run(main(sys.argv[1]))
