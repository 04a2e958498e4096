"""Records what it is asked, so that a test sees requests that must not have come through.

/recorded answers with the requests since the last time; every other path is recorded with its body.
"""

import json

_RECORDED = []


def application(environ, start_response):
    if environ["PATH_INFO"] == "/recorded":
        body = json.dumps(_RECORDED).encode()
        _RECORDED.clear()
    else:
        body = environ["wsgi.input"].read()
        _RECORDED.append("{} {} {}".format(environ["REQUEST_METHOD"], environ["RAW_URI"], body.decode("latin-1")).rstrip())
        body = b"recorded"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
