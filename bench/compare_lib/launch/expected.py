"""What an application answers when no server is involved: the reference every server's response is compared with.

Reads ``{"module", "method", "path", "body"}`` (the body in base64) as JSON from standard input and prints
``{"status", "content_type", "body"}``.
"""

import base64
import importlib
import io
import json
import sys
from typing import Dict, Union
from wsgiref.util import setup_testing_defaults

request = json.load(sys.stdin)
body = base64.b64decode(request["body"])
environ = {
    "REQUEST_METHOD": request["method"],
    "PATH_INFO": request["path"],
    "QUERY_STRING": "",
    "HTTP_HOST": "127.0.0.1",
    "CONTENT_LENGTH": str(len(body)),
    "wsgi.input": io.BytesIO(body),
}
setup_testing_defaults(environ)
answer: Dict[str, Union[int, str]] = {}


def start_response(status, headers, exc_info=None):  # type: ignore[no-untyped-def]
    answer["status"] = int(status.split()[0])
    answer["content_type"] = {name.lower(): value for name, value in headers}.get("content-type", "")


iterable = importlib.import_module(request["module"]).application(environ, start_response)
answer["body"] = base64.b64encode(b"".join(iterable)).decode()
json.dump(answer, sys.stdout)
