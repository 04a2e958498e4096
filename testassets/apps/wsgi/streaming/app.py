"""Streams pieces, and sends each only after the gate has let it: the client has seen the one before by then."""

from urllib.parse import parse_qs

import gate


def _pieces(port, count):
    for number in range(count):
        yield b"piece %d\n" % number
        gate.wait(port, "sent", str(number))


def application(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    port, count = query["port"][0], int(query["count"][0])
    headers = [("Content-Type", "text/plain")]
    if "length" in query:
        headers.append(("Content-Length", query["length"][0]))
    write = start_response("200 OK", headers)
    if environ["PATH_INFO"] == "/write":
        for number in range(count):
            write(b"piece %d\n" % number)
            gate.wait(port, "sent", str(number))
        return []
    return _pieces(port, count)
