"""Files as Python middleware such as WhiteNoise serves them: all known at the start, sent with wsgi.file_wrapper.

The folder is ``$BENCH_STATIC``.
"""

import os
from email.utils import formatdate
from wsgiref.util import FileWrapper

_FOLDER = os.environ["BENCH_STATIC"]
_CHUNK = 64 * 1024


def _files():
    for folder, _, names in os.walk(_FOLDER):
        for name in names:
            path = os.path.join(folder, name)
            status = os.stat(path)
            yield "/" + os.path.relpath(path, _FOLDER), (
                path,
                [
                    ("Content-Type", "application/octet-stream"),
                    ("Content-Length", str(status.st_size)),
                    ("Last-Modified", formatdate(status.st_mtime, usegmt=True)),
                    ("ETag", '"%x-%x"' % (int(status.st_mtime), status.st_size)),
                    ("Cache-Control", "max-age=60, public"),
                ],
            )


_FILES = dict(_files())


def application(environ, start_response):
    path = environ["PATH_INFO"]
    found = _FILES.get("/index.html" if path == "/" else path)
    if found is None:
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return []
    path, headers = found
    start_response("200 OK", headers)
    return environ.get("wsgi.file_wrapper", FileWrapper)(open(path, "rb"), _CHUNK)
