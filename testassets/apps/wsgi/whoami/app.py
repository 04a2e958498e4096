"""Answers what the worker is: user, groups, path, environment, what it inherited."""

import json
import os
import sys


def application(environ, start_response):
    body = {
        "uid": os.getresuid(),
        "gid": os.getresgid(),
        "groups": os.getgroups(),
        "path": sys.path,
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "pid": os.getpid(),
        "front": os.getppid(),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
