"""Answers with the process that imported it, the one that runs it, and how often it was imported.

/spin?port=P   reports that it runs, then never ends: in Python code
"""

import os
import threading
from urllib.parse import parse_qs

import gate

IMPORTED_BY = os.getpid()
if os.environ.get("WITH_THREAD"):
    threading.Thread(target=threading.Event().wait, name="lonely", daemon=True).start()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/spin":
        gate.signal(parse_qs(environ["QUERY_STRING"])["port"][0], "spinning", str(os.getpid()))
        while True:
            pass
    start_response("200 OK", [("Content-Type", "text/plain")])
    return ["{} {}".format(IMPORTED_BY, os.getpid()).encode()]
