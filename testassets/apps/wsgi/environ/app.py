"""Answers with the environ as JSON: for each key the name of its value's type, and the value when JSON has it."""

import json


def _describe(value):
    if isinstance(value, (str, int, bool)):
        return [type(value).__name__, value]
    if isinstance(value, tuple):
        return ["tuple", list(value)]
    return [type(value).__name__, sorted(name for name in dir(value) if callable(getattr(value, name, None)))]


def application(environ, start_response):
    described = {key: _describe(value) for key, value in environ.items()}
    described["type(environ)"] = [type(environ).__name__, type(environ) is dict]
    described["callable(wsgi.file_wrapper)"] = ["bool", callable(environ.get("wsgi.file_wrapper"))]
    described["callable(wsgi.early_hints)"] = ["bool", callable(environ.get("wsgi.early_hints"))]

    # The application may do what it likes with its environ; the next request must not notice.
    environ["SERVER_NAME"] = "changed"
    environ["left.behind"] = "changed"
    environ.pop("SERVER_PROTOCOL", None)

    body = json.dumps(described).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
