"""What expected.py does, of an ASGI application: the same input and output."""

import asyncio
import base64
import importlib
import json
import sys
from typing import Dict, List, Union

request = json.load(sys.stdin)
scope = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": request["method"],
    "scheme": "http",
    "path": request["path"],
    "raw_path": request["path"].encode(),
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"127.0.0.1")],
    "client": ("127.0.0.1", 12345),
    "server": ("127.0.0.1", 80),
}
messages = [{"type": "http.request", "body": base64.b64decode(request["body"]), "more_body": False}]
answer: Dict[str, Union[int, str]] = {}
body: List[bytes] = []


async def receive():  # type: ignore[no-untyped-def]
    return messages.pop() if messages else {"type": "http.disconnect"}


async def send(message):  # type: ignore[no-untyped-def]
    if message["type"] == "http.response.start":
        answer["status"] = message["status"]
        answer["content_type"] = dict(message["headers"]).get(b"content-type", b"").decode()
    else:
        body.append(message.get("body", b""))


asyncio.run(importlib.import_module(request["module"]).application(scope, receive, send))
answer["body"] = base64.b64encode(b"".join(body)).decode()
json.dump(answer, sys.stdout)
