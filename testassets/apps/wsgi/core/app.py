"""Several behaviours behind one server: the field X-Behaviour names the application that answers."""

import importlib.util
import os

_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _load(behaviour):
    spec = importlib.util.spec_from_file_location(behaviour + "_app", os.path.join(_FOLDER, behaviour, "app.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.application


_APPLICATIONS = {
    behaviour: _load(behaviour)
    for behaviour in ("environ", "input", "responses", "files", "errors", "closing", "streaming", "validated", "recorder")
}


def application(environ, start_response):
    return _APPLICATIONS[environ["HTTP_X_BEHAVIOUR"]](environ, start_response)
