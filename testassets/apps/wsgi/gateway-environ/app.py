"""Answers with its environ as JSON: values that are no str, int, bool or tuple by their type's name."""

import json


def app(environ, start_response):
    if environ["PATH_INFO"] == "/mutate":
        for key in list(environ):
            environ[key] = "changed"
        environ["added"] = "added"
        start_response("204 No Content", [])
        return []
    plain = {
        key: value if isinstance(value, (str, bool, int, tuple)) else type(value).__name__ for key, value in environ.items()
    }
    body = json.dumps(plain).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
