"""What a worker of ``darter dev`` does for a Django project."""

from __future__ import annotations

import os
import sys

from darter._frameworks import is_application
from darter.interface import asgi_callable, interface_of
from darter.target import StartupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Values of _DARTER_RUNSERVER, by which ``manage.py runserver`` tells the workers that it started the server, and what they
#: are to print: the result of the system checks and the notice of migrations, the notice alone, or nothing.
CHECKS, NOTICE, NOTHING = "checks", "notice", "nothing"

#: When static files are served: while DEBUG is on, never, or always.
MODES = ("auto", "off", "always")


def finish(application: Any, interface: str) -> Any:
    """The application with its static files before it. Runs the system checks if ``manage.py runserver`` is to."""
    from django.conf import settings  # type: ignore[import-not-found,import-untyped,unused-ignore]

    # A framework's own application may use parts of Django.
    if not settings.configured or is_application(application):
        return application
    wanted = os.environ.get("_DARTER_RUNSERVER", NOTHING)
    if wanted != NOTHING:
        from django.core.management.base import SystemCheckError  # type: ignore[import-not-found,import-untyped,unused-ignore]

        try:
            check(wanted == CHECKS)
        except SystemCheckError as error:
            raise StartupError(str(error).strip()) from None
    return with_static_files(application, interface)


def check(does_checks: bool) -> None:
    """Prints what Django's runserver does before it serves: the system checks, and the migrations that are to be applied."""
    from django.core.management.base import BaseCommand  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from django.db import Error, connections  # type: ignore[import-not-found,import-untyped,unused-ignore]

    command = BaseCommand()
    if does_checks:
        command.stdout.write("Performing system checks...\n\n")
        command.check(display_num_errors=True)
    try:
        command.check_migrations()
    except Error as error:
        command.stderr.write("Whether migrations are to be applied cannot be told: {}".format(error))
    connections.close_all()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def with_static_files(application: Any, interface: str) -> Any:
    """The application behind the handler that ``django.contrib.staticfiles`` has for development, where it is installed."""
    from django.apps import apps  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from django.conf import settings  # type: ignore[import-not-found,import-untyped,unused-ignore]

    mode = os.environ.get("DARTER_DJANGO_STATIC") or MODES[0]
    if mode not in MODES:
        raise StartupError("DARTER_DJANGO_STATIC is {!r}: it can be {}.".format(mode, ", ".join(MODES)))
    if mode == "off" or not (settings.DEBUG or mode == "always"):
        return application
    # WhiteNoise's app says by its presence that WhiteNoise is to serve them in development, too.
    if not apps.is_installed("django.contrib.staticfiles") or apps.is_installed("whitenoise.runserver_nostatic"):
        return application
    from django.contrib.staticfiles import handlers  # type: ignore[import-not-found,import-untyped,unused-ignore]

    if getattr(application, "handles_files", False):
        return application
    if interface_of(application, interface) == "asgi":
        return handlers.ASGIStaticFilesHandler(asgi_callable(application))
    return handlers.StaticFilesHandler(application)

