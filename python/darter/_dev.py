"""What a worker of ``darter dev`` does around the loading of the application."""

from __future__ import annotations

import os
import sys

from darter import _dotenv, _flask
from darter.target import load, names_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

#: The files of variables that were read: when they change, the application is to be loaded anew.
files: List[str] = []


def load_application(config: Dict[str, Any], interface: str) -> Any:
    """Finds the application that the worker's *config* names or leaves to be found, imports it, and fits it out."""
    prepare()
    application = find(config["target"], interface)
    _flask.finish(application, os.environ)
    if "django.conf" in sys.modules:
        from darter.django import _worker

        application = _worker.finish(application, interface)
    return application


def prepare() -> None:
    """Sets the environment up as the frameworks' own development servers do."""
    if not _runs_for_manage() and not _flask.skips_files(os.environ):
        paths, problems = _dotenv.load(os.getcwd(), os.environ)
        files[:] = paths
        for problem in problems:
            print("darter: " + problem, file=sys.stderr)
    _flask.prepare(os.environ)
    # Applications ask these whether they are the process that serves, and not the reloader's: Django's and Werkzeug's.
    for name in ("RUN_MAIN", "WERKZEUG_RUN_MAIN"):
        os.environ.setdefault(name, "true")


def find(target: str, interface: str) -> Any:
    """Imports what is named, else what FLASK_APP names, else what the folder has."""
    if not names_folder(target):
        return load(target, interface)
    sought = ""
    if target == ".":
        variable = _flask.variable(os.environ)
        if variable is not None:
            return _flask.load(variable, os.environ[variable])
        read = " and ".join(files) if files else ".env or .flaskenv, which are not there"
        sought = "FLASK_APP, in the environment and in " + read

    from darter._discovery import load_from

    return load_from(target, interface, sought)


def _runs_for_manage() -> bool:
    """Whether ``manage.py runserver`` has started the server: the other commands of ``manage.py`` read no files either."""
    return "_DARTER_RUNSERVER" in os.environ
