"""Reads its body as the path says; the query is evaluated as the arguments."""

import hashlib


def describe(body):
    if len(body) > 1000:
        return "{} {}".format(len(body), hashlib.sha256(body).hexdigest()).encode()
    return repr(body).encode()


def arguments(environ):
    return eval("({})".format(environ["QUERY_STRING"].replace("%20", " ")) or "()")


def read(stream, args):
    return describe(stream.read(*args))


def read1(stream, args):
    return describe(stream.read1(*args))


def reads(stream, args):
    pieces = []
    while True:
        piece = stream.read(*args)
        if not piece:
            return describe(b"".join(pieces)) + " in {}".format(len(pieces)).encode()
        pieces.append(piece)


def readline(stream, args):
    return describe(stream.readline(*args))


def readlines(stream, args):
    return repr([line if len(line) < 100 else len(line) for line in stream.readlines(*args)]).encode()


def iterate(stream, args):
    return repr([line if len(line) < 100 else len(line) for line in stream]).encode()


def mixed(stream, args):
    return repr([stream.read(3), stream.readline(), next(stream), stream.read(), stream.read(), stream.readline(), list(stream)]).encode()


def wrong(stream, args):
    outcomes = []
    for call in (lambda: stream.read("x"), lambda: stream.read(1, 2), lambda: stream.readline(1.5), lambda: stream.readlines(b"")):
        try:
            call()
            outcomes.append("accepted")
        except TypeError:
            outcomes.append("TypeError")
    outcomes.append(repr(stream.close()))
    try:
        outcomes.append(repr(type(stream)().read()))
    except TypeError:
        outcomes.append("b''")
    return repr(outcomes).encode()


def ignore(stream, args):
    return b"ignored"


def echo(stream, args):
    while True:
        piece = stream.read1()
        if not piece:
            return
        yield piece


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    result = globals()[environ["PATH_INFO"][1:]](environ["wsgi.input"], arguments(environ))
    return [result] if isinstance(result, bytes) else result
