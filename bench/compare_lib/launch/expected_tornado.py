"""What expected.py does, of a Tornado application: the same input and output."""

import asyncio
import base64
import importlib
import json
import sys

from tornado import httputil


class Connection(httputil.HTTPConnection):
    """Keeps what is written to it."""

    def __init__(self):
        self.context = type("Context", (), {"remote_ip": "127.0.0.1", "protocol": "http"})()
        self.body = b""
        self.is_finished = asyncio.Event()

    def set_close_callback(self, callback):
        pass

    def write_headers(self, start_line, headers, chunk=None):
        self.status = start_line.code
        self.content_type = headers.get("Content-Type", "")
        return self.write(chunk or b"")

    def write(self, chunk):
        self.body += chunk
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def finish(self):
        self.is_finished.set()


async def answer(request):
    body = base64.b64decode(request["body"])
    connection = Connection()
    delegate = importlib.import_module(request["module"]).application.start_request(connection, connection)
    headers = httputil.HTTPHeaders({"Host": "127.0.0.1", "Content-Length": str(len(body))})
    delegate.headers_received(httputil.RequestStartLine(request["method"], request["path"], "HTTP/1.1"), headers)
    if body:
        delegate.data_received(body)
    delegate.finish()
    await connection.is_finished.wait()
    body = base64.b64encode(connection.body).decode()
    return {"status": connection.status, "content_type": connection.content_type, "body": body}


json.dump(asyncio.run(answer(json.load(sys.stdin))), sys.stdout)
