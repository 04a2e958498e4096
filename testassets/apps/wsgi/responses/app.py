"""Every kind of response; the path names it."""

from urllib.parse import parse_qs

PLAIN = [("Content-Type", "text/plain")]
KINDS = {}


def kind(path, status="200 OK", headers=PLAIN):
    """Registers a function that returns the body of a response with this status and these headers."""

    def register(function):
        def respond(environ, start_response):
            start_response(status, list(headers))
            return function(environ)

        KINDS[path] = respond
        return function

    return register


def raw_kind(path):
    """Registers a whole application."""

    def register(function):
        KINDS[path] = function
        return function

    return register


def _sized(length):
    return PLAIN + [("Content-Length", str(length))]


class OldStyle:
    """Iterates by __getitem__ alone."""

    def __getitem__(self, index):
        return [b"one", b"two", b"three"][index]


class Lazy:
    """Is neither list nor generator, and has a length that says how many pieces there are."""

    def __init__(self, pieces):
        self.pieces = pieces

    def __len__(self):
        return len(self.pieces)

    def __iter__(self):
        return iter(self.pieces)


class MyBytes(bytes):
    pass


kind("/list")(lambda environ: [b"a list"])
kind("/list-of-several")(lambda environ: [b"one", b"two", b"three"])
kind("/tuple")(lambda environ: (b"one", b"two", b"three"))
kind("/set")(lambda environ: {b"a set"})
kind("/iterator")(lambda environ: iter([b"one", b"two", b"three"]))
kind("/map")(lambda environ: map(bytes.upper, [b"one", b"two", b"three"]))
kind("/generator")(lambda environ: (piece for piece in [b"one", b"two", b"three"]))
kind("/generator-with-empty-pieces")(lambda environ: (piece for piece in [b"", b"one", b"", b"", b"two", b"three", b""]))
kind("/getitem")(lambda environ: OldStyle())
kind("/lazy")(lambda environ: Lazy([b"one", b"two", b"three"]))
kind("/lazy-single")(lambda environ: Lazy([b"onetwothree"]))
kind("/bytes-subclass")(lambda environ: [MyBytes(b"onetwothree")])

kind("/empty-list")(lambda environ: [])
kind("/empty-bytes")(lambda environ: [b""])
kind("/empty-generator")(lambda environ: (piece for piece in []))
kind("/exact", headers=_sized(11))(lambda environ: [b"one", b"two", b"three"])
kind("/exact-generator", headers=_sized(11))(lambda environ: (piece for piece in [b"one", b"two", b"three"]))
kind("/too-long", headers=_sized(6))(lambda environ: [b"one", b"two", b"three"])
kind("/too-long-single", headers=_sized(6))(lambda environ: [b"onetwothree"])
kind("/too-long-generator", headers=_sized(6))(lambda environ: (piece for piece in [b"one", b"two", b"three"]))
kind("/too-short", headers=_sized(20))(lambda environ: [b"one", b"two", b"three"])
kind("/too-short-generator", headers=_sized(20))(lambda environ: (piece for piece in [b"one", b"two", b"three"]))
kind("/zero-length", headers=_sized(0))(lambda environ: [])
kind("/no-content", status="204 No Content", headers=[])(lambda environ: [])
kind("/no-content-with-body", status="204 No Content", headers=[])(lambda environ: [b"must not be sent"])
kind("/no-content-generator", status="204 No Content", headers=[])(lambda environ: (piece for piece in [b"must", b" not"]))
kind("/not-modified", status="304 Not Modified", headers=[("ETag", '"x"')])(lambda environ: [])
kind("/not-modified-with-body", status="304 Not Modified", headers=[("ETag", '"x"')])(lambda environ: [b"must not be sent"])
kind("/not-modified-with-length", status="304 Not Modified", headers=[("ETag", '"x"'), ("Content-Length", "11")])(lambda environ: [])
kind("/teapot", status="418 I'm a teapot")(lambda environ: [b"short and stout"])
kind("/own-reason", status="200 Quite Fine")(lambda environ: [b"fine"])
kind("/unusual-status", status="799 Beyond")(lambda environ: [b"beyond"])
kind("/no-reason", status="200 ")(lambda environ: [b"no reason"])
kind("/redirect", status="302 Found", headers=PLAIN + [("Location", "/list")])(lambda environ: [b""])
kind("/server-and-date", headers=PLAIN + [("Server", "mine"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")])(lambda environ: [b"x"])
kind("/latin-1", headers=PLAIN + [("X-Latin", "caf\xe9")])(lambda environ: [b"x"])
kind("/no-headers", headers=[])(lambda environ: [b"x"])
kind("/empty-value", headers=PLAIN + [("X-Empty", "")])(lambda environ: [b"x"])
kind(
    "/several-cookies",
    headers=PLAIN + [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2, c"), ("X-Case", "As Written"), ("x-case", "again")],
)(lambda environ: [b"x"])
kind("/many-headers", headers=PLAIN + [("X-Number-%d" % number, "v" * 50) for number in range(100)])(lambda environ: [b"x"])
kind("/long-header", headers=PLAIN + [("X-Long", "v" * 8000)])(lambda environ: [b"x"])
kind(
    "/hop-by-hop",
    headers=PLAIN + [("Transfer-Encoding", "chunked"), ("Keep-Alive", "timeout=1"), ("Upgrade", "x"), ("Proxy-Authenticate", "x")],
)(lambda environ: [b"hop"])
kind("/close", headers=PLAIN + [("Connection", "close")])(lambda environ: [b"bye"])


@raw_kind("/write")
def _write(environ, start_response):
    write = start_response("200 OK", list(PLAIN))
    write(b"one")
    write(b"")
    write(b"two")
    write(b"three")
    return []


@raw_kind("/write-and-return")
def _write_and_return(environ, start_response):
    write = start_response("200 OK", list(PLAIN))
    write(b"one")
    write(b"two")
    return [b"three"]


@raw_kind("/write-with-length")
def _write_with_length(environ, start_response):
    write = start_response("200 OK", _sized(11))
    write(b"onetwothree")
    return ()


@raw_kind("/start-in-generator")
def _start_in_generator(environ, start_response):
    # PEP 3333: start_response may be called as late as in the first iteration.
    start_response("200 OK", list(PLAIN))
    yield b"one"
    yield b"two"
    yield b"three"


@raw_kind("/start-twice-in-generator")
def _start_twice(environ, start_response):
    start_response("200 OK", list(PLAIN))
    yield b""
    try:
        raise ValueError("replaced")
    except ValueError:
        import sys

        start_response("203 Replaced", PLAIN + [("X-Replaced", "yes")], sys.exc_info())
    yield b"onetwothree"


@raw_kind("/early-hints")
def _early_hints(environ, start_response):
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload; as=style"), ("Link", "</x.js>; rel=preload; as=script")])
    start_response("200 OK", list(PLAIN))
    return [b"onetwothree"]


@raw_kind("/large")
def _large(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    size, piece = int(query["size"][0]), int(query.get("piece", ["65536"])[0])
    headers = list(PLAIN)
    if "length" in query:
        headers.append(("Content-Length", str(size)))
    start_response("200 OK", headers)
    return pieces(size, piece)


def pieces(size, piece):
    """The numbers 0 to 250 again and again, *size* bytes of them, in pieces."""
    pattern = bytes(range(251)) * (piece // 251 + 2)
    for offset in range(0, size, piece):
        start = offset % 251
        yield pattern[start : start + min(piece, size - offset)]


@raw_kind("/large-list")
def _large_list(environ, start_response):
    size = int(parse_qs(environ["QUERY_STRING"])["size"][0])
    start_response("200 OK", list(PLAIN))
    return [b"".join(pieces(size, 65536))]


def application(environ, start_response):
    return KINDS[environ["PATH_INFO"]](environ, start_response)
