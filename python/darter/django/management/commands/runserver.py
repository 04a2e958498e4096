"""``manage.py runserver``, on Darter."""

from __future__ import annotations

import os
import socket
import sys
from datetime import datetime

from django.conf import settings  # type: ignore[import-not-found,import-untyped,unused-ignore]
from django.core.management.base import CommandError  # type: ignore[import-not-found,import-untyped,unused-ignore]
from django.core.management.commands import runserver  # type: ignore[import-not-found,import-untyped,unused-ignore]

from darter._executable import FIRST, environment, find
from darter.django import _worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

#: So many requests run at a time, unless --nothreading is given.
THREADS = 8


class Command(runserver.Command):  # type: ignore[misc,unused-ignore]
    """Has the options of Django's command and that of staticfiles, and becomes ``darter dev`` for this project."""

    help = "Starts Darter's development server, which serves static files, too."

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        known = parser._option_string_actions
        if "--nostatic" not in known:
            parser.add_argument(
                "--nostatic", action="store_false", dest="use_static_handler", help="Do not serve static files at STATIC_URL."
            )
            parser.add_argument(
                "--insecure", action="store_true", dest="insecure_serving", help="Serve static files even if DEBUG is False."
            )
        if "--skip-checks" not in known:
            parser.add_argument("--skip-checks", action="store_true", help="Skip system checks.")
        parser.add_argument(
            "--asgi",
            action="store_true",
            default=None,
            dest="use_asgi",
            help="Serve the ASGI application; without it that is done if ASGI_APPLICATION is set.",
        )
        parser.add_argument("--noasgi", action="store_false", dest="use_asgi", help="Serve the WSGI application.")

    def run(self, **options: Any) -> None:
        """Called when the address is known. The checks are the workers' business if they are to be repeated with each reload."""
        if not options["use_reloader"]:
            _worker.check(not options["skip_checks"])
        self._greet()
        try:
            path = find()
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        arguments = [path, "dev", *self._arguments(options)]
        variables = self._variables(options)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # It becomes the server: Ctrl-C and signals are the server's alone.
        os.execve(path, arguments, variables)

    def _arguments(self, options: Dict[str, Any]) -> List[str]:
        use_asgi = options["use_asgi"]
        is_asgi = bool(getattr(settings, "ASGI_APPLICATION", None)) if use_asgi is None else use_asgi
        target = self._target(is_asgi)
        arguments = [target, "--bind=" + self._bind()]
        if is_asgi or use_asgi is not None:
            arguments.append("--interface=" + ("asgi" if is_asgi else "wsgi"))
        if not is_asgi:
            # An event loop has its own. Django's server has a thread for each connection.
            arguments.append("--threads={}".format(THREADS if options["use_threading"] else 1))
        if not options["use_reloader"]:
            arguments.append("--no-reload")
        elif os.path.isdir(target) and not os.path.samefile(target, os.getcwd()):
            arguments.append("--reload-dir=" + target)
        arguments.extend("--pythonpath=" + folder for folder in self._folders(target, options))
        return arguments

    def _target(self, is_asgi: bool) -> str:
        """The project's folder if there is a manage.py; else, with django-admin, what the settings name."""
        manage = os.path.abspath(sys.argv[0])
        if os.path.basename(manage) == "manage.py" and os.path.isfile(manage):
            return os.path.dirname(manage)
        kind = "asgi" if is_asgi else "wsgi"
        dotted = getattr(settings, kind.upper() + "_APPLICATION", None)
        if not dotted:
            return "django.core.{0}:get_{0}_application()".format(kind)
        module, _, attribute = dotted.rpartition(".")
        return "{}:{}".format(module, attribute)

    @staticmethod
    def _folders(target: str, options: Dict[str, Any]) -> List[str]:
        """Where this process finds the project's modules, and the workers do not by themselves."""
        folders = [os.path.abspath(options["pythonpath"])] if options.get("pythonpath") else []
        script = os.path.abspath(sys.argv[0])
        place = os.path.dirname(script)
        # With "python -m" the script is Django's, and the first place that of the project.
        if place != target and script.endswith(".py") and place == os.path.abspath(sys.path[0]):
            folders.append(place)
        return folders

    def _bind(self) -> str:
        address = self._address()
        return "{}:{}".format("[{}]".format(address) if ":" in address else address, self.port)

    def _address(self) -> str:
        """The numeric address of a host's name, of the family asked for."""
        try:
            found = socket.getaddrinfo(self.addr, int(self.port), socket.AF_INET6 if self.use_ipv6 else socket.AF_INET, socket.SOCK_STREAM)
        except (OSError, OverflowError) as error:
            raise CommandError("{!r} is no address to listen at: {}".format(self.addr, error)) from None
        return str(found[0][4][0])

    def _variables(self, options: Dict[str, Any]) -> Dict[str, str]:
        variables = environment(FIRST)
        wanted = _worker.NOTICE if options["skip_checks"] else _worker.CHECKS
        variables["_DARTER_RUNSERVER"] = wanted if options["use_reloader"] else _worker.NOTHING
        if not options["use_static_handler"]:
            variables["DARTER_DJANGO_STATIC"] = "off"
        elif options["insecure_serving"]:
            variables["DARTER_DJANGO_STATIC"] = "always"
        if options.get("no_color"):
            variables["NO_COLOR"] = "1"
        # What the interpreter was told beside the script.
        if sys.warnoptions:
            variables["PYTHONWARNINGS"] = ",".join(sys.warnoptions)
        if sys.flags.dev_mode:
            variables["PYTHONDEVMODE"] = "1"
        # That of Django's own reloader, whose child this process is if the project was broken when it was started.
        variables.pop("RUN_MAIN", None)
        return variables

    def _greet(self) -> None:
        address = "[{}]".format(self.addr) if self._raw_ipv6 else self.addr
        self.stdout.write(datetime.now().strftime("%B %d, %Y - %X"))
        self.stdout.write(
            "Django version {}, using settings {!r}\n"
            "Starting development server Darter at http://{}:{}/\n"
            "Quit the server with CONTROL-C.".format(self.get_version(), settings.SETTINGS_MODULE, address, self.port)
        )
