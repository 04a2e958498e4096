"""Says where it runs."""

import json
import os
import sys


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"cwd": os.getcwd(), "path": sys.path, "name": __name__, "prefix": sys.prefix}).encode()]
