"""Plain WSGI application of the benchmarks: ``/`` hello, ``/10k`` a larger body, ``POST /echo`` the body back.

It does as little as a WSGI application can, so what is measured is the server. Every response states its
Content-Length; the header list is new for each call, because PEP 3333 lets the server change it.
"""

HELLO = b"Hello, world!"
BODY_10K = (b"0123456789abcdef" * 640)[:10_000]


def application(environ, start_response):
    path = environ.get("PATH_INFO", "")
    if path == "/":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
        return [HELLO]
    if path == "/10k":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "10000")])
        return [BODY_10K]
    if path == "/echo" and environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(
            "200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))]
        )
        return [body]
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]
