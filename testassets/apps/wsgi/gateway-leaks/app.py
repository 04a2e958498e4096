"""Every response kind, the reading of a body, and the counters, in one application."""

import importlib.util
import os


def load(behaviour):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gateway-" + behaviour, "app.py")
    spec = importlib.util.spec_from_file_location(behaviour, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


responses = load("responses")
control = load("control")


def app(environ, start_response):
    name = environ["PATH_INFO"][1:]
    if name in ("counters", "memory"):
        return getattr(control, name)(environ, start_response)
    stream = environ["wsgi.input"]
    stream.readline(10)
    stream.read(100)
    next(stream, None)
    if name == "closed":
        stream.read()
    return responses.app(environ, start_response)
