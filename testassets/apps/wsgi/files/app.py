"""wsgi.file_wrapper; the query names the file and what to do with it.

path      the file
kind      file: an open file; unbuffered: the same without a buffer; bytes: a BytesIO with its bytes;
          nameless: an object with read() only; iterated: the wrapper is iterated by the application
offset    where to seek before
length    the Content-Length to declare
block     the block size to pass
port      a gate to report close() to
"""

import io
from urllib.parse import parse_qs

import gate


class Closing:
    """Passes everything on to a file, and reports its close()."""

    def __init__(self, file, port):
        self._file = file
        self._port = port

    def __getattr__(self, name):
        return getattr(self._file, name)

    def close(self):
        self._file.close()
        gate.signal(self._port, "closed")


class Nameless:
    """Has read() and nothing else."""

    def __init__(self, file):
        self._file = file

    def read(self, size=-1):
        return self._file.read(size)


def application(environ, start_response):
    query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    kind = query.get("kind", "file")
    file = open(query["path"], "rb", *((0,) if kind == "unbuffered" else ()))
    if kind == "bytes":
        with file:
            file = io.BytesIO(file.read())
    if "offset" in query:
        file.seek(int(query["offset"]))
    if "skip" in query:
        file.read(int(query["skip"]))
    if kind == "nameless":
        file = Nameless(file)
    if "port" in query:
        file = Closing(file, query["port"])

    headers = [("Content-Type", "application/octet-stream")]
    if "length" in query:
        headers.append(("Content-Length", query["length"]))
    start_response("200 OK", headers)
    wrapper = environ["wsgi.file_wrapper"](file, *((int(query["block"]),) if "block" in query else ()))
    return list(wrapper) if kind == "iterated" else wrapper
