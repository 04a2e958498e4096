"""Every way to fail; the path names it. Each failure carries the word of the query, to be found in the log."""

import sys
from urllib.parse import unquote

PLAIN = [("Content-Type", "text/plain")]
FAILURES = {}


def failure(function):
    FAILURES["/" + function.__name__.replace("_", "-")] = function
    return function


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text, " + self.args[0])


def _word(environ):
    return unquote(environ["QUERY_STRING"])


@failure
def before_start(environ, start_response):
    raise ValueError(_word(environ))


@failure
def after_start(environ, start_response):
    start_response("200 OK", list(PLAIN))
    raise ValueError(_word(environ))


@failure
def first_piece(environ, start_response):
    start_response("200 OK", list(PLAIN))
    raise ValueError(_word(environ))
    yield b"never"


@failure
def after_an_empty_piece(environ, start_response):
    start_response("200 OK", list(PLAIN))
    yield b""
    raise ValueError(_word(environ))


@failure
def between_pieces(environ, start_response):
    start_response("200 OK", list(PLAIN))
    yield b"one"
    raise ValueError(_word(environ))


@failure
def between_pieces_with_length(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "1000")])
    yield b"one"
    raise ValueError(_word(environ))


@failure
def after_write(environ, start_response):
    start_response("200 OK", list(PLAIN))(b"one")
    raise ValueError(_word(environ))


@failure
def replaced(environ, start_response):
    start_response("200 OK", PLAIN + [("X-First", "yes")])
    try:
        raise ValueError(_word(environ))
    except ValueError:
        start_response("503 Replaced", PLAIN + [("X-Second", "yes")], sys.exc_info())
        return [b"replaced"]


@failure
def replaced_too_late(environ, start_response):
    start_response("200 OK", list(PLAIN))
    yield b"one"
    try:
        raise ValueError(_word(environ))
    except ValueError:
        start_response("503 Replaced", list(PLAIN), sys.exc_info())
    yield b"never"


@failure
def started_twice(environ, start_response):
    start_response("200 OK", list(PLAIN))
    print(_word(environ), file=environ["wsgi.errors"])
    start_response("200 OK", list(PLAIN))
    return [b"never"]


@failure
def not_started(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    return [b"never"]


@failure
def returns_none(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    start_response("200 OK", list(PLAIN))


@failure
def returns_number(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    start_response("200 OK", list(PLAIN))
    return 5


@failure
def text_list(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    start_response("200 OK", list(PLAIN))
    return ["text"]


@failure
def text_generator(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    start_response("200 OK", list(PLAIN))
    yield "text"


@failure
def text_written(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    start_response("200 OK", list(PLAIN))("text")
    return []


@failure
def unprintable(environ, start_response):
    raise Unprintable(_word(environ))


@failure
def recursion(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])

    def deeper():
        return deeper() + 1

    return deeper()


@failure
def system_exit(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    raise SystemExit(_word(environ))


@failure
def chained(environ, start_response):
    try:
        raise KeyError("the cause")
    except KeyError as cause:
        raise ValueError(_word(environ)) from cause


BAD_HEADS = {
    "/status-not-a-number": ("abc OK", PLAIN),
    "/status-too-short": ("20 OK", PLAIN),
    "/status-too-long": ("2000 OK", PLAIN),
    "/status-empty": ("", PLAIN),
    "/status-int": (200, PLAIN),
    "/status-bytes": (b"200 OK", PLAIN),
    "/status-none": (None, PLAIN),
    "/status-injection": ("200 OK\r\nX-Injected: yes", PLAIN),
    "/status-informational": ("100 Continue", PLAIN),
    "/headers-none": ("200 OK", None),
    "/headers-text": ("200 OK", ["Content-Type: text/plain"]),
    "/header-single": ("200 OK", [("X-Alone",)]),
    "/header-triple": ("200 OK", [("X-Three", "1", "2")]),
    "/header-name-bytes": ("200 OK", [(b"X-Name", "x")]),
    "/header-name-space": ("200 OK", [("X Name", "x")]),
    "/header-name-colon": ("200 OK", [("X-Name:", "x")]),
    "/header-name-empty": ("200 OK", [("", "x")]),
    "/header-name-newline": ("200 OK", [("X-Name\r\nX-Injected", "x")]),
    "/header-name-beyond-ascii": ("200 OK", [("X-N\xe4me", "x")]),
    "/header-value-int": ("200 OK", [("X-Value", 5)]),
    "/header-value-none": ("200 OK", [("X-Value", None)]),
    "/header-value-bytes": ("200 OK", [("X-Value", b"x")]),
    "/header-value-newline": ("200 OK", [("X-Value", "x\r\nX-Injected: yes")]),
    "/header-value-lf": ("200 OK", [("X-Value", "x\nX-Injected: yes")]),
    "/header-value-cr": ("200 OK", [("X-Value", "x\rX-Injected: yes")]),
    "/header-value-nul": ("200 OK", [("X-Value", "x\0y")]),
    "/header-value-beyond-latin-1": ("200 OK", [("X-Value", "\u20ac")]),
    "/length-not-a-number": ("200 OK", [("Content-Length", "many")]),
    "/length-negative": ("200 OK", [("Content-Length", "-1")]),
    "/length-empty": ("200 OK", [("Content-Length", "")]),
    "/length-huge": ("200 OK", [("Content-Length", "99999999999999999999999")]),
    "/length-different-twice": ("200 OK", [("Content-Length", "5"), ("Content-Length", "6")]),
}


def _bad_head(environ, start_response):
    print(_word(environ), file=environ["wsgi.errors"])
    start_response(*BAD_HEADS[environ["PATH_INFO"]])
    return [b"never"]


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/errors-stream":
        stream = environ["wsgi.errors"]
        stream.write("written " + _word(environ) + "\n")
        stream.writelines(["line one ", _word(environ), "\n"])
        stream.write("caf\xe9 \u20ac " + _word(environ) + "\n")
        print("printed", _word(environ), file=stream)
        stream.flush()
        print("stderr", _word(environ), file=sys.stderr)
        print("stdout", _word(environ), flush=True)
        start_response("200 OK", list(PLAIN))
        return [b"written"]
    if path == "/fine":
        start_response("200 OK", list(PLAIN))
        return [b"fine"]
    return FAILURES.get(path, _bad_head)(environ, start_response)
