"""What the tests of the debugger share: requests to wrapped applications, without a server."""

from __future__ import annotations

import asyncio
import contextlib
import html
import io
import json
import re
import sys
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from darter._wsgi import FileWrapper  # noqa: E402
from darter.debugger import Debugger  # noqa: E402
from darter.debugger._values import Reprs  # noqa: E402

# No test is to depend on how busy the machine is.
Reprs.TIME = 60.0

PIN = "123-456-789"
PREFIX = "/__darter__/debugger/"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class HeadSent(Exception):
    """The server would have passed the exception on; see PEP 3333 on exc_info."""


class Response:
    def __init__(self) -> None:
        self.status = 0
        self.headers: List[Tuple[str, str]] = []
        self.body = b""
        self.log = ""
        #: What the application gave the server to iterate over; WSGI.
        self.result: Any = None
        self.messages: List[Dict[str, Any]] = []
        self.error: Optional[BaseException] = None

    def header(self, name: str) -> str:
        return next((value for field, value in self.headers if field.lower() == name.lower()), "")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def data(self, name: str) -> str:
        """A value that the page has for its script."""
        found = re.search(r'<body[^>]* data-{}="([^"]*)"'.format(name), self.text)
        assert found, "the page has no " + name
        return found[1]


def environ_of(method: str, target: str, headers: Dict[str, str], body: bytes, client: str) -> Dict[str, Any]:
    path, _, query = target.partition("?")
    environ: Dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": target,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": client,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.file_wrapper": FileWrapper,
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    return environ


def call_wsgi(
    application: Callable[..., Any],
    method: str = "GET",
    target: str = "/",
    headers: Optional[Dict[str, str]] = None,
    body: bytes = b"",
    client: str = "127.0.0.1",
) -> Response:
    """Does what the gateway does; an exception that it would report itself is ``error``."""
    response = Response()
    environ = environ_of(method, target, dict({"Host": "localhost:8000"}, **(headers or {})), body, client)

    def start(status: str, fields: List[Tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None and response.body:
            raise exc_info[1].with_traceback(exc_info[2])
        assert exc_info is not None or not response.status, "start_response was called twice"
        response.status, response.headers = int(status[:3]), fields
        return write

    def write(piece: bytes) -> None:
        response.body += piece

    result = None
    try:
        result = response.result = application(environ, start)
        for piece in result:
            assert response.status, "there is a body before start_response"
            response.body += piece
    except Exception as error:
        response.error = error
    if hasattr(result, "close"):
        result.close()
    response.log = environ["wsgi.errors"].getvalue()
    return response


async def run_asgi(
    application: Callable[..., Any],
    method: str = "GET",
    target: str = "/",
    headers: Optional[Dict[str, str]] = None,
    body: bytes = b"",
    client: str = "127.0.0.1",
    **more: Any
) -> Response:
    response = Response()
    path, _, query = target.partition("?")
    fields = dict({"Host": "localhost:8000"}, **(headers or {}))
    if body:
        fields["Content-Length"] = str(len(body))
    scope: Dict[str, Any] = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items()],
        "client": (client, 1234) if client else None,
        "extensions": {},
    }
    scope.update(more)
    received = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Dict[str, Any]:
        return received.pop(0) if received else {"type": "http.disconnect"}

    async def send(message: Dict[str, Any]) -> None:
        response.messages.append(message)
        if message["type"] == "http.response.start":
            response.status = message["status"]
            response.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            response.body += message.get("body", b"")

    log = io.StringIO()
    with contextlib.redirect_stderr(log):
        try:
            await application(scope, receive, send)
        except Exception as error:
            response.error = error
    response.log = log.getvalue()
    return response


def call_asgi(application: Callable[..., Any], *arguments: Any, **named: Any) -> Response:
    return asyncio.run(run_asgi(application, *arguments, **named))


def post(path: str, content: Dict[str, Any], cookie: str = "", **headers: str) -> Dict[str, Any]:
    """Arguments of a request as the page's script makes it."""
    fields = {"Origin": "http://localhost:8000", "Content-Type": "application/json", "Cookie": cookie}
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    return {"method": "POST", "target": PREFIX + path, "headers": fields, "body": json.dumps(content).encode()}


def raising(error: BaseException) -> Callable[..., Any]:
    """A WSGI application that raises it."""

    def application(environ: Any, start_response: Any) -> Any:
        raise error

    return application


def text_of(page: str) -> str:
    """What is read on a page."""
    body = page.partition("<body")[2].partition("<script")[0]
    return html.unescape(re.sub(r"<[^>]*>", "", body))


class DebuggerTest(unittest.TestCase):
    def page(self, application: Callable[..., Any], **arguments: Any) -> str:
        """The page for the exception that a WSGI application raises."""
        response = call_wsgi(Debugger(pin=PIN).wsgi(application), headers=HTML, **arguments)
        self.assertIsNone(response.error)
        self.assertEqual(500, response.status)
        return response.text
