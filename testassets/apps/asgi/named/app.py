"""The same answers as those of the WSGI application of this name."""

from urllib.parse import parse_qsl

PAGE = b"".join(b"<li>Item %d of the list</li>\n" % number for number in range(2000))


async def app(scope, receive, send):
    if scope["path"] == "/page":
        headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(PAGE)), (b"etag", b'"page"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})
        return

    fields = [(name.lower().encode(), value.encode()) for name, value in parse_qsl(scope["query_string"].decode())]
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"12"), (b"set-cookie", b"a=1"), *fields]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body"})
