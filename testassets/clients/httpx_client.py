"""httpx as a client of the Starlette application: ``httpx_client.py URL 1|2``. What it saw is printed as JSON."""

import asyncio
import hashlib
import json
import sys

import httpx


async def main(url, version):
    async with httpx.AsyncClient(base_url=url, http1=version == "1", http2=version == "2", timeout=30) as client:
        response = await client.get("/items/3", params={"a": "ü"})
        seen = {"version": response.http_version, "query": response.json()["query"]}
        content = bytes(range(256)) * 4096
        answers = await asyncio.gather(*(client.post("/upload", content=content) for _ in range(8)))
        seen["uploads"] = [answer.text == hashlib.sha256(content).hexdigest() for answer in answers]

        async def pieces():
            for number in range(10):
                yield b"piece %d" % number
                await asyncio.sleep(0)

        seen["streamed"] = (await client.post("/upload", content=pieces())).text == hashlib.sha256(b"".join([piece async for piece in pieces()])).hexdigest()
        seen["form"] = (await client.post("/form", data={"text": "one"}, files={"file": ("a.bin", b"content")})).json()["files"][0]["size"]
        seen["cookies"] = (await client.get("/cookies")).json(), dict(client.cookies)
        seen["status"] = (await client.get("/refuse")).status_code
        async with client.stream("GET", "/items/4") as stream:
            seen["stream"] = b"".join([part async for part in stream.aiter_bytes()]).startswith(b"{")
    print(json.dumps(seen))


asyncio.run(main(*sys.argv[1:]))
