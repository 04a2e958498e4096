"""One response kind per path."""

import io
import os
import sys
import tempfile

KEPT = []
CLOSED = []


class Iterable:
    """An iterable with close(), which counts its calls."""

    def __init__(self, pieces, fail_at=None, fail_close=False):
        self.pieces = iter(pieces)
        self.fail_at = fail_at
        self.fail_close = fail_close
        self.count = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.count == self.fail_at:
            raise ValueError("failed at {}".format(self.count))
        self.count += 1
        return next(self.pieces)

    def close(self):
        CLOSED.append(self.count)
        if self.fail_close:
            raise ValueError("failed in close")


class Sized(Iterable):
    def __len__(self):
        return 1


def ok(start_response, *headers):
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])


def hello(environ, start_response):
    ok(start_response, ("Content-Length", "5"))
    return [b"hello"]


def computed(environ, start_response):
    ok(start_response)
    return [b"hello"]


def pair(environ, start_response):
    ok(start_response)
    return (b"hel", b"", b"lo")


def empty_list(environ, start_response):
    ok(start_response)
    return []


def empty_piece(environ, start_response):
    ok(start_response)
    return [b""]


def large(environ, start_response):
    ok(start_response)
    return [bytes(range(256)) * 4096]


def large_pieces(environ, start_response):
    ok(start_response)
    return [b"x" * 1000] * 1000


def generator(environ, start_response):
    ok(start_response)
    yield b""
    yield b"one,"
    yield b""
    yield b"two,"
    yield b"three"


def late_start(environ, start_response):
    yield b""
    ok(start_response)
    yield b"late"


def generator_with_length(environ, start_response):
    ok(start_response, ("Content-Length", "6"))
    yield b"one"
    yield b"two"
    CLOSED.append("after the last piece")


def empty_generator(environ, start_response):
    ok(start_response)
    return iter([])


def sized(environ, start_response):
    ok(start_response)
    return Sized([b"hello"])


def iterable(environ, start_response):
    ok(start_response)
    return Iterable([b"one", b"two"])


def closed(environ, start_response):
    ok(start_response)
    result = repr(CLOSED).encode()
    del CLOSED[:]
    return [result]


def write_only(environ, start_response):
    write = ok(start_response)
    write(b"")
    write(b"one,")
    write(b"two")
    return []


def write_and_return(environ, start_response):
    write = ok(start_response)
    write(b"written,")
    return [b"returned"]


def too_long(environ, start_response):
    ok(start_response, ("Content-Length", "3"))
    return [b"hello"]


def too_long_generator(environ, start_response):
    ok(start_response, ("Content-Length", "5"))
    return Iterable([b"hel", b"lolo", b"never", b"never"])


def too_short(environ, start_response):
    ok(start_response, ("Content-Length", "10"))
    return [b"hello"]


def too_short_generator(environ, start_response):
    ok(start_response, ("Content-Length", "10"))
    return Iterable([b"hel", b"lo"])


def no_content(environ, start_response):
    start_response("204 No Content", [])
    return [b"dropped"]


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"1"'), ("Content-Length", "5")])
    return [b"dropped"]


def reason(environ, start_response):
    start_response("299 Very \xfcnusual", [("X-Umlaut", "gr\xfc\xdfe"), ("X-Tab", "a\tb")])
    return []


def bare_status(environ, start_response):
    start_response("404", [])
    return []


def cookies(environ, start_response):
    ok(start_response, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    return []


def hop_by_hop(environ, start_response):
    ok(
        start_response,
        ("Connection", "keep-alive"),
        ("Transfer-Encoding", "chunked"),
        ("Keep-Alive", "timeout=5"),
        ("Upgrade", "h2c"),
        ("X-Kept", "yes"),
    )
    return [b"ok"]


def connection_close(environ, start_response):
    ok(start_response, ("Connection", "Close"))
    return [b"ok"]


def str_piece(environ, start_response):
    ok(start_response)
    return ["text"]


def str_from_generator(environ, start_response):
    ok(start_response)
    yield b"bytes"
    yield "text"


def not_iterable(environ, start_response):
    ok(start_response)
    return 5


def returns_none(environ, start_response):
    ok(start_response)


def not_started(environ, start_response):
    return [b"hello"]


def raises(environ, start_response):
    raise ValueError("raised \u2713 before")


def raises_after_start(environ, start_response):
    ok(start_response)
    raise ValueError("raised after start_response")


def raises_at_once(environ, start_response):
    ok(start_response)
    return Iterable([b"never"], fail_at=0)


def raises_later(environ, start_response):
    ok(start_response)
    return Iterable([b"one", b"never"], fail_at=1)


def raises_in_close(environ, start_response):
    ok(start_response)
    return Iterable([b"one"], fail_close=True)


def replaced(environ, start_response):
    ok(start_response)
    try:
        raise ValueError("replaced")
    except ValueError:
        start_response("500 Replaced", [("X-Replaced", "yes")], sys.exc_info())
    return [b"replaced"]


def replaced_by_name(environ, start_response):
    ok(start_response)
    try:
        raise ValueError("replaced")
    except ValueError:
        start_response("500 Replaced", [], exc_info=sys.exc_info())
    return [b"replaced"]


def reraised(environ, start_response):
    write = ok(start_response)
    write(b"sent")
    try:
        raise KeyError("too late")
    except KeyError:
        start_response("500 Replaced", [], sys.exc_info())
    return [b"never"]


def started_twice(environ, start_response):
    ok(start_response)
    try:
        ok(start_response)
    except AssertionError as error:
        return [str(error).encode()]
    return [b"no error"]


def write_before_start(environ, start_response):
    write = ok(start_response)
    KEPT.append((start_response, write, environ))
    return [b"kept"]


def use_kept(environ, start_response):
    outcomes = []
    for kept_start, kept_write, kept_environ in KEPT:
        for call in (
            lambda: kept_start("500 Stolen", []),
            lambda: kept_write(b"stolen"),
            lambda: kept_environ["wsgi.early_hints"]([("Link", "stolen")]),
        ):
            try:
                call()
                outcomes.append("worked")
            except RuntimeError as error:
                outcomes.append(str(error))
        outcomes.append(str(kept_environ["darter.client_disconnected"]()))
        outcomes.append(repr(kept_environ["wsgi.input"].read()))
    del KEPT[:]
    ok(start_response)
    return ["\n".join(outcomes).encode()]


def invalid(status, headers):
    def application(environ, start_response):
        try:
            start_response(status, headers)
        except (TypeError, ValueError, UnicodeError) as error:
            ok(start_response)
            return ["{}: {}".format(type(error).__name__, error).encode("utf-8", "replace")]
        return [b"accepted"]

    return application


class Text(str):
    pass


class HeaderList(list):
    pass


def subclasses(environ, start_response):
    start_response(Text("201 Created"), HeaderList([(Text("X-Name"), Text("value"))]))
    return [b"ok"]


def early_hints(environ, start_response):
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload"), ("Link", "</app.js>; rel=preload")])
    environ["wsgi.early_hints"]([])
    ok(start_response)
    return [b"hinted"]


def late_hints(environ, start_response):
    write = ok(start_response)
    write(b"begun,")
    try:
        environ["wsgi.early_hints"]([("Link", "late")])
    except RuntimeError as error:
        return [str(error).encode()]
    return [b"no error"]


def temporary(content=b"0123456789" * 1000):
    file = tempfile.TemporaryFile()
    file.write(content)
    file.flush()
    return file


def file(environ, start_response):
    f = temporary()
    f.seek(10)
    ok(start_response)
    return environ["wsgi.file_wrapper"](f)


def file_opened(environ, start_response):
    ok(start_response)
    return environ["wsgi.file_wrapper"](open(__file__, "rb"), 1024)


def file_with_length(environ, start_response):
    f = temporary()
    f.seek(0)
    ok(start_response, ("Content-Length", "15"))
    return environ["wsgi.file_wrapper"](f)


def file_too_short(environ, start_response):
    f = temporary(b"short")
    f.seek(0)
    ok(start_response, ("Content-Length", "15"))
    return environ["wsgi.file_wrapper"](f)


def file_empty(environ, start_response):
    ok(start_response)
    return environ["wsgi.file_wrapper"](temporary(b""))


def file_in_memory(environ, start_response):
    ok(start_response)
    return environ["wsgi.file_wrapper"](io.BytesIO(b"in memory"), 4)


def file_pipe(environ, start_response):
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    ok(start_response)
    return environ["wsgi.file_wrapper"](os.fdopen(reader, "rb"))


def file_gzip(environ, start_response):
    import gzip

    f = tempfile.NamedTemporaryFile()
    with gzip.open(f.name, "wb") as packed:
        packed.write(b"unpacked")
    ok(start_response)
    return environ["wsgi.file_wrapper"](gzip.open(f.name))


def errors(environ, start_response):
    environ["wsgi.errors"].write("one line\n")
    environ["wsgi.errors"].writelines(["two ", "pieces\n"])
    environ["wsgi.errors"].flush()
    captured = io.StringIO()
    before, sys.stderr = sys.stderr, captured
    try:
        environ["wsgi.errors"].write("captured")
    finally:
        sys.stderr = before
    ok(start_response)
    return [captured.getvalue().encode()]


def exits(environ, start_response):
    raise SystemExit(7)


APPLICATIONS = {name: value for name, value in globals().items() if callable(value)}
APPLICATIONS.update(
    bad_status_type=invalid(200, []),
    bad_status_bytes=invalid(b"200 OK", []),
    bad_status_short=invalid("20", []),
    bad_status_digits=invalid("2x0 OK", []),
    bad_status_1xx=invalid("103 Early Hints", []),
    bad_status_control=invalid("200 OK\r\nX: y", []),
    bad_status_charset=invalid("200 \u2713", []),
    bad_headers_type=invalid("200 OK", {"a": "b"}),
    bad_headers_none=invalid("200 OK", None),
    bad_header_list=invalid("200 OK", [["a", "b"]]),
    bad_header_triple=invalid("200 OK", [("a", "b", "c")]),
    bad_name_type=invalid("200 OK", [(b"a", "b")]),
    bad_name_empty=invalid("200 OK", [("", "b")]),
    bad_name_space=invalid("200 OK", [("a b", "c")]),
    bad_name_colon=invalid("200 OK", [("a:", "c")]),
    bad_name_control=invalid("200 OK", [("a\r\nb", "c")]),
    bad_name_charset=invalid("200 OK", [("\xe4", "c")]),
    bad_value_type=invalid("200 OK", [("a", 1)]),
    bad_value_crlf=invalid("200 OK", [("a", "b\r\nc: d")]),
    bad_value_nul=invalid("200 OK", [("a", "b\0")]),
    bad_value_charset=invalid("200 OK", [("a", "\u2713")]),
    bad_value_surrogate=invalid("200 OK", [("a", "\udc80")]),
    bad_value_long=invalid("200 OK", [("a", "x" * 70000)]),
    bad_length_text=invalid("200 OK", [("Content-Length", "five")]),
    bad_length_negative=invalid("200 OK", [("Content-Length", "-1")]),
    bad_length_plus=invalid("200 OK", [("Content-Length", "+1")]),
    bad_length_empty=invalid("200 OK", [("Content-Length", "")]),
    bad_length_twice=invalid("200 OK", [("Content-Length", "1"), ("Content-Length", "2")]),
    same_length_twice=invalid("200 OK", [("Content-Length", "8"), ("Content-Length", "8")]),
)


def app(environ, start_response):
    return APPLICATIONS[environ["PATH_INFO"][1:]](environ, start_response)
