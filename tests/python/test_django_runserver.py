"""darter.django: manage.py runserver becomes darter dev; static files, checks and the notice of migrations in the workers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest
from typing import Any, Dict, List

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

#: An executable that writes down what it is called with.
EXECUTABLE = """#!{}
import json, os, sys
told = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ), "parent": os.getppid()}}
json.dump(told, open(os.environ["TOLD"], "w"))
"""

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_a.settings")
from django.core.management import execute_from_command_line
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""

SETTINGS = """
import os
DEBUG = os.environ.get("TEST_DEBUG", "1") == "1"
SECRET_KEY = "a"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = {apps!r}
MIDDLEWARE = []
ROOT_URLCONF = "site_a.urls"
STATIC_URL = "/static/"
STATICFILES_DIRS = [os.path.join(os.path.dirname(__file__), "assets")]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.path.dirname(__file__), "db")}}}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
{more}
"""

URLS = """
from django.core import checks
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse("index"))]
"""

APPS = ["darter.django", "django.contrib.contenttypes", "django.contrib.staticfiles"]

#: Runs the command of manage.py for each list of arguments, and prints what it would become.
COMMANDS = """
import json, os, sys
sys.argv = ["manage.py"]
import manage
from django.core.management import execute_from_command_line
told = []
os.execve = lambda path, arguments, environment: told.append({"arguments": arguments[1:], "environment": environment})
sys.stdout = sys.stderr
for arguments in json.loads(os.environ["COMMANDS"]):
    execute_from_command_line(["manage.py", "runserver", *arguments])
json.dump(told, sys.__stdout__)
"""

#: A worker's load, and one request: prints the status and the body.
PROBE = """
import asyncio, json, os, sys
from darter import _dev
from darter.interface import interface_of
from darter.target import StartupError
interface, path = sys.argv[1], sys.argv[2]
try:
    application = _dev.load_application({"target": os.getcwd(), "dev": {}}, interface)
except StartupError as error:
    print("StartupError:", error)
    sys.exit()
assert interface_of(application, "auto") == interface, application
if interface == "wsgi":
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "", "SERVER_NAME": "a", "SERVER_PORT": "1",
               "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer, "wsgi.errors": sys.stderr, "SERVER_PROTOCOL": "HTTP/1.1"}
    heads = []
    body = b"".join(application(environ, lambda status, fields: heads.append(status)))
    print(heads[0][:3], body.decode()[:40].strip())
else:
    sent = []
    async def receive():
        if receive.calls:
            await asyncio.Future()
        receive.calls = 1
        return {"type": "http.request", "body": b"", "more_body": False}
    receive.calls = 0
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
             "query_string": b"", "headers": [], "scheme": "http", "root_path": "", "server": ("a", 1), "client": ("b", 2)}
    asyncio.run(application(scope, receive, send))
    print(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()[:40].strip())
"""


def has_django() -> bool:
    return not subprocess.run([sys.executable, "-c", "import django"], stderr=subprocess.DEVNULL).returncode


@unittest.skipUnless(has_django(), "there is no Django here")
class Project(unittest.TestCase):
    """A project of real Django, with the package as it is when it is installed."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = os.path.realpath(temporary.name)
        self.project = os.path.join(self.folder, "project")
        self.told = os.path.join(self.folder, "told")
        shutil.copytree(os.path.join(ROOT, "python", "darter"), os.path.join(self.folder, "lib", "darter"))
        self.executable = self.write("lib/darter/bin/darter", EXECUTABLE.format(sys.executable))
        os.chmod(self.executable, 0o755)
        self.write("project/manage.py", MANAGE)
        self.write("project/site_a/__init__.py", "")
        self.write("project/site_a/urls.py", URLS)
        self.write("project/site_a/assets/site.css", "body { color: green }\n")
        self.settings()

    def settings(self, apps: List[str] = APPS, more: str = "") -> None:
        self.write("project/site_a/settings.py", SETTINGS.format(apps=apps, more=more))

    def write(self, path: str, text: str) -> str:
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text) if not text.startswith("#!") else text)
        return full

    def execute(self, arguments: List[str], folder: str = "project", **environment: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "DARTER", "_DARTER", "FLASK"))}
        library = os.path.join(self.folder, "lib")
        inherited.update(dict({"PYTHONPATH": library, "PYTHONDONTWRITEBYTECODE": "1", "TOLD": self.told}, **environment))
        return subprocess.run(
            arguments,
            cwd=os.path.join(self.folder, folder),
            env=inherited,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def manage(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return self.execute([sys.executable, "manage.py", "runserver", *arguments], **environment)

    def starts(self, *arguments: str, **environment: str) -> Dict[str, Any]:
        result = self.manage(*arguments, **environment)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        with open(self.told, encoding="utf-8") as file:
            told: Dict[str, Any] = json.load(file)
        os.unlink(self.told)
        told["output"] = result.stdout
        return told

    def become(self, *commands: List[str], **environment: str) -> List[Dict[str, Any]]:
        """What each command becomes, all in one process: Django takes its time to start."""
        result = self.execute([sys.executable, "-c", COMMANDS], COMMANDS=json.dumps(commands), **environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        told: List[Dict[str, Any]] = json.loads(result.stdout)
        self.assertEqual(len(told), len(commands))
        return told

    def load(self, interface: str, path: str, **environment: str) -> str:
        result = self.execute([sys.executable, "-W", "ignore", "-c", PROBE, interface, path], **environment)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout.strip()


class Runserver(Project):
    def test_it_becomes_the_server(self) -> None:
        told = self.starts()
        self.assertEqual(told["arguments"], ["dev", self.project, "--bind=127.0.0.1:8000", "--threads=8"])
        self.assertEqual(told["folder"], self.project)
        self.assertEqual(told["parent"], os.getpid(), "the same process: signals reach the server")
        environment = told["environment"]
        self.assertEqual(environment["_DARTER_RUNSERVER"], "checks")
        self.assertEqual(environment["_DARTER_INTERPRETER"], "first " + sys.executable)
        self.assertEqual(environment["DJANGO_SETTINGS_MODULE"], "site_a.settings")
        self.assertNotIn("DARTER_DJANGO_STATIC", environment)
        self.assertIn("using settings 'site_a.settings'", told["output"])
        self.assertIn("Starting development server Darter at http://127.0.0.1:8000/\nQuit the server with CONTROL-C.", told["output"])
        self.assertNotIn("Performing system checks", told["output"], "they are the workers' business")

    def test_addresses(self) -> None:
        rows = {
            ("7000",): "127.0.0.1:7000",
            ("0.0.0.0:8000",): "0.0.0.0:8000",
            ("0:8000",): "0.0.0.0:8000",
            ("localhost:8001",): "127.0.0.1:8001",
            ("1.2.3.4:5",): "1.2.3.4:5",
        }
        if socket.has_ipv6:
            rows.update({("[::1]:8000",): "[::1]:8000", ("-6",): "[::1]:8000", ("--ipv6", "7000"): "[::1]:7000", ("[::]:80",): "[::]:80"})
        for told, expected in zip(self.become(*map(list, rows)), rows.values()):
            self.assertEqual(told["arguments"][2], "--bind=" + expected)

    def test_addresses_that_are_none(self) -> None:
        for arguments, expected in (("x:y", "is not a valid port number or address:port pair"), ("300.0.0.1:1", "is no address to listen at")):
            result = self.manage(arguments)
            self.assertEqual(result.returncode, 1)
            self.assertIn(expected, result.stderr)
            self.assertFalse(os.path.exists(self.told))

    def test_options(self) -> None:
        self.settings(more='DATABASES["default"]["NAME"] = ":memory:"')
        commands = [["--noreload"], ["--nothreading"], ["--nostatic"], ["--insecure"], ["--skip-checks"], ["--no-color"]]
        reload, threading, static, insecure, checks, color = self.become(*commands, RUN_MAIN="true")
        self.assertIn("--no-reload", reload["arguments"])
        self.assertNotIn("RUN_MAIN", reload["environment"])
        self.assertIn("--threads=1", threading["arguments"])
        self.assertEqual(static["environment"]["DARTER_DJANGO_STATIC"], "off")
        self.assertEqual(insecure["environment"]["DARTER_DJANGO_STATIC"], "always")
        self.assertEqual(checks["environment"]["_DARTER_RUNSERVER"], "notice")
        self.assertEqual(color["environment"]["NO_COLOR"], "1")

    def test_options_of_the_interpreter(self) -> None:
        result = self.execute([sys.executable, "-X", "dev", "-W", "ignore::ResourceWarning", "manage.py", "runserver"])
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(self.told, encoding="utf-8") as file:
            environment = json.load(file)["environment"]
        self.assertEqual(environment["PYTHONDEVMODE"], "1")
        self.assertIn("ignore::ResourceWarning", environment["PYTHONWARNINGS"].split(","))

    def test_interfaces(self) -> None:
        plain, asgi = self.become([], ["--asgi"])
        self.assertNotIn("--interface", " ".join(plain["arguments"]))
        self.assertIn("--interface=asgi", asgi["arguments"])
        self.assertNotIn("--threads", " ".join(asgi["arguments"]))
        self.settings(more='ASGI_APPLICATION = "site_a.asgi.application"')
        plain, wsgi = self.become([], ["--noasgi"])
        self.assertIn("--interface=asgi", plain["arguments"])
        self.assertIn("--interface=wsgi", wsgi["arguments"])

    def test_from_elsewhere(self) -> None:
        result = self.execute([sys.executable, "project/manage.py", "runserver"], folder=".")
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(self.told, encoding="utf-8") as file:
            told = json.load(file)
        self.assertEqual(told["arguments"][1], self.project)
        self.assertIn("--reload-dir=" + self.project, told["arguments"])
        self.assertEqual(told["folder"], self.folder)

    def test_without_manage(self) -> None:
        command = [sys.executable, "-m", "django", "runserver", "--settings=site_a.settings", "--pythonpath=."]
        named = 'WSGI_APPLICATION = "site_a.wsgi.application"'
        for more, expected in (("", "django.core.wsgi:get_wsgi_application()"), (named, "site_a.wsgi:application")):
            self.settings(more=more)
            self.write("project/site_a/wsgi.py", "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n")
            result = self.execute(command)
            self.assertEqual(result.returncode, 0, result.stderr)
            with open(self.told, encoding="utf-8") as file:
                arguments = json.load(file)["arguments"]
            self.assertEqual(arguments[1], expected)
            self.assertIn("--pythonpath=" + self.project, arguments)

    def test_a_script_of_another_name(self) -> None:
        self.write("project/tools/run.py", MANAGE)
        result = self.execute([sys.executable, "tools/run.py", "runserver"], PYTHONPATH=os.path.join(self.folder, "lib") + ":" + self.project)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(self.told, encoding="utf-8") as file:
            arguments = json.load(file)["arguments"]
        self.assertEqual(arguments[1], "django.core.wsgi:get_wsgi_application()")
        self.assertIn("--pythonpath=" + os.path.join(self.project, "tools"), arguments)

    def test_without_reload_the_checks_come_first(self) -> None:
        told = self.starts("--noreload")
        self.assertEqual(told["environment"]["_DARTER_RUNSERVER"], "nothing")
        self.assertIn("System check identified no issues", told["output"])
        self.assertIn("unapplied migration", told["output"])
        output = self.starts("--noreload", "--skip-checks")["output"]
        self.assertNotIn("system checks", output)
        self.assertIn("unapplied migration", output)
        self.settings(more='STATICFILES_DIRS = "no list"')
        result = self.manage("--noreload")
        self.assertEqual(result.returncode, 1)
        self.assertIn("The STATICFILES_DIRS setting is not a tuple or list", result.stderr)
        self.assertFalse(os.path.exists(self.told))

    def test_settings_that_refuse(self) -> None:
        self.settings(more="ALLOWED_HOSTS = []")
        result = self.manage(TEST_DEBUG="0")
        self.assertEqual(result.returncode, 1)
        self.assertIn("You must set settings.ALLOWED_HOSTS if DEBUG is False", result.stderr)

    def test_a_missing_executable(self) -> None:
        os.unlink(self.executable)
        result = self.manage()
        self.assertEqual(result.returncode, 1)
        self.assertIn("Darter's executable is missing", result.stderr)

    def test_the_first_app_has_the_command(self) -> None:
        result = self.execute([sys.executable, "manage.py", "check"])
        self.assertNotIn("darter.W001", result.stderr)
        self.settings(apps=["django.contrib.contenttypes", "django.contrib.staticfiles", "darter.django"])
        result = self.execute([sys.executable, "manage.py", "check"])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("darter.W001", result.stderr)
        self.assertIn("Put it before 'django.contrib.staticfiles' in INSTALLED_APPS", result.stderr)


class Workers(Project):
    def test_static_files(self) -> None:
        for interface in ("wsgi", "asgi"):
            with self.subTest(interface):
                self.assertEqual(self.load(interface, "/static/site.css"), "200 body { color: green }")
                self.assertEqual(self.load(interface, "/"), "200 index")
                self.assertTrue(self.load(interface, "/static/none.css").startswith("404"))

    def test_when_they_are_served(self) -> None:
        path = "/static/site.css"
        served = "200 body { color: green }"
        self.assertTrue(self.load("wsgi", path, DARTER_DJANGO_STATIC="off").startswith("404"))
        self.assertTrue(self.load("wsgi", path, TEST_DEBUG="0").startswith("404"))
        self.assertEqual(self.load("wsgi", path, TEST_DEBUG="0", DARTER_DJANGO_STATIC="always"), served)
        self.assertEqual(self.load("wsgi", path, DARTER_DJANGO_STATIC="auto"), served)
        self.assertEqual(
            self.load("wsgi", path, DARTER_DJANGO_STATIC="on"), "StartupError: DARTER_DJANGO_STATIC is 'on': it can be auto, off, always."
        )
        self.settings(apps=["django.contrib.contenttypes"])
        self.assertTrue(self.load("wsgi", path).startswith("404"))

    def test_whitenoise_is_let_be(self) -> None:
        self.write("lib/whitenoise/__init__.py", "")
        self.write("lib/whitenoise/runserver_nostatic/__init__.py", "")
        self.settings(apps=["whitenoise.runserver_nostatic", *APPS])
        self.assertTrue(self.load("wsgi", "/static/site.css").startswith("404"))

    def test_one_that_serves_them_itself(self) -> None:
        self.settings(more='WSGI_APPLICATION = "site_a.wsgi.application"')
        self.write(
            "project/site_a/wsgi.py",
            "from django.contrib.staticfiles.handlers import StaticFilesHandler\n"
            "from django.core.wsgi import get_wsgi_application\n"
            "class Own(StaticFilesHandler):\n"
            "    def __call__(self, environ, start_response):\n"
            "        start_response('299 own', [])\n"
            "        return [b'own']\n"
            "application = Own(get_wsgi_application())\n",
        )
        self.assertEqual(self.load("wsgi", "/static/site.css"), "299 own")

    def test_checks_are_run_for_manage(self) -> None:
        self.assertEqual("200 index", self.load("wsgi", "/"))
        self.assertEqual("200 index", self.load("wsgi", "/", _DARTER_RUNSERVER="nothing"))
        output = self.load("wsgi", "/", _DARTER_RUNSERVER="notice")
        self.assertNotIn("system checks", output)
        self.assertIn("unapplied migration", output)
        output = self.load("wsgi", "/", _DARTER_RUNSERVER="checks")
        self.assertIn("Performing system checks...", output)
        self.assertIn("System check identified no issues (0 silenced).", output)
        self.assertIn("unapplied migration", output)
        self.assertTrue(output.endswith("200 index"))

    def test_a_check_that_fails_is_why_it_does_not_load(self) -> None:
        self.settings(more='STATICFILES_DIRS = "no list"')
        output = self.load("wsgi", "/", _DARTER_RUNSERVER="checks")
        self.assertIn("StartupError: SystemCheckError: System check identified some issues:", output)
        self.assertIn("The STATICFILES_DIRS setting is not a tuple or list", output)
        self.assertNotIn("Name the application", output)

    def test_a_database_that_is_not_there_does_not_matter(self) -> None:
        self.settings(more='DATABASES["default"]["NAME"] = "/nowhere/db"')
        output = self.load("wsgi", "/", _DARTER_RUNSERVER="checks")
        self.assertTrue(output.endswith("200 index"), output)


if __name__ == "__main__":
    unittest.main()
