"""Finding the application for darter dev: FLASK_APP, files, packages, projects; and what Flask's command sets."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from typing import Any
from unittest import mock

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from test_target import ROOT, WSGI, Folder  # noqa: E402

from darter import _dev, _flask  # noqa: E402
from darter._source import MAYBE, NO, SURE, Source  # noqa: E402
from darter.target import TargetError, load  # noqa: E402

#: A framework of three lines, by its name and class as good as the real one.
FRAMEWORK = """
class {}:
    def __init__(self, name="", **options):
        self.name, self.options, self.debug = name, options, None
    def __call__(self, environ, start_response):
        return self.name
"""


class Discovery(Folder):
    def setUp(self) -> None:
        super().setUp()
        for name in [name for name in sys.modules if name.split(".")[0] in ("flask", "fastapi", "django")]:
            del sys.modules[name]
        for name in list(os.environ):
            if name.startswith(("FLASK_", "QUART_", "_DARTER_", "DJANGO_")):
                del os.environ[name]
        self.write("lib/flask.py", FRAMEWORK.format("Flask"))
        self.write("lib/fastapi/__init__.py", "from .applications import FastAPI\n")
        self.write("lib/fastapi/applications.py", FRAMEWORK.format("FastAPI"))
        sys.path.insert(1, os.path.join(self.folder, "lib"))
        self.project = os.path.join(self.folder, "project")
        os.mkdir(self.project)
        os.chdir(self.project)
        sys.path[0] = self.project

    def put(self, path: str, text: str) -> str:
        sys.modules.pop(os.path.splitext(path)[0], None)
        return self.write(os.path.join("project", path), text)

    def load(self, target: str = ".", interface: str = "auto") -> Any:
        return _dev.load_application({"target": target, "dev": {}}, interface)

    def loads(self, expected: str, target: str = ".") -> None:
        self.assertEqual(self.load(target).name, expected)

    def refused(self, *expected: str, target: str = ".") -> str:
        with self.assertRaises(TargetError) as caught:
            self.load(target)
        for text in expected:
            self.assertIn(text, str(caught.exception))
        self.assertIn("Name the application as module:attribute", str(caught.exception))
        return str(caught.exception)


class FlaskApp(Discovery):
    def test_forms(self) -> None:
        self.put("shop.py", 'from flask import Flask\nshop = Flask("shop")\nother = lambda: 1\n')
        self.put("two.py", 'from flask import Flask\none = Flask("one")\ntwo = Flask("two")\nclass Kit:\n    app = two\n')
        self.put(
            "make.py",
            'from flask import Flask\ndef create_app(name="made", debug=False):\n    return Flask("{} {}".format(name, debug))\n'
            'def build():\n    return Flask("built")\n',
        )
        self.put("sub/inner.py", 'from flask import Flask\napp = Flask("inner")\n')
        self.put("pack/__init__.py", 'from flask import Flask\napplication = Flask("pack")\n')
        self.put("pack/web.py", 'from . import application\nfrom flask import Flask\napp = Flask("web")\n')
        rows = {
            "shop": "shop",
            "shop.py": "shop",
            "./shop.py": "shop",
            "shop:shop": "shop",
            " shop : shop ": "shop",
            "two:two": "two",
            "two:Kit.app": "two",
            "make": "made False",
            "make:create_app": "made False",
            "make:create_app()": "made False",
            "make:create_app('dev')": "dev False",
            'make.py:create_app("a:b", debug=True)': "a:b True",
            "make:build": "built",
            "sub/inner.py": "inner",
            "sub/inner": "inner",
            os.path.join(self.project, "sub/inner.py:app"): "inner",
            "pack": "pack",
            "pack.web": "web",
            "pack/web.py": "web",
        }
        for value, expected in rows.items():
            with self.subTest(value), mock.patch.dict(os.environ, FLASK_APP=value):
                self.loads(expected)

    def test_it_comes_before_what_the_folder_has(self) -> None:
        self.put("app.py", "1 / 0\n")
        self.put("manage.py", "")
        self.put("shop.py", 'from flask import Flask\napp = Flask("shop")\n')
        os.environ["FLASK_APP"] = "shop"
        self.loads("shop")
        self.assertRaises(ZeroDivisionError, load, "app.py")

    def test_an_object_comes_before_a_factory(self) -> None:
        self.put("shop.py", 'from flask import Flask\nshop = Flask("object")\ndef create_app():\n    return Flask("factory")\n')
        os.environ["FLASK_APP"] = "shop"
        self.loads("object")

    def test_from_the_files(self) -> None:
        self.put("shop.py", 'from flask import Flask\ndef create_app(name):\n    return Flask(name)\n')
        self.write(".flaskenv", "FLASK_APP=\"shop:create_app('outer')\"\n")
        self.loads("outer")
        del os.environ["FLASK_APP"]
        self.put(".env", "STAGE=dev\nFLASK_APP=\"shop:create_app('${STAGE}')\"\n")
        self.loads("dev")
        self.assertEqual(os.environ["STAGE"], "dev")
        self.assertEqual(_dev.files, [os.path.join(self.project, ".env"), os.path.join(self.folder, ".flaskenv")])

    def test_files_can_be_skipped(self) -> None:
        self.put(".env", "STAGE=dev\n")
        self.put("app.py", 'import os\nfrom flask import Flask\napp = Flask(os.environ.get("STAGE"))\n')
        with mock.patch.dict(os.environ, FLASK_SKIP_DOTENV="1"):
            self.assertIsNone(self.load().name)
        self.assertNotIn("STAGE", os.environ)
        with mock.patch.dict(os.environ, FLASK_SKIP_DOTENV="0"):
            self.load()
            self.assertEqual(os.environ["STAGE"], "dev")

    def test_quart_app(self) -> None:
        self.put("shop.py", 'from flask import Flask\napp = Flask("shop")\n')
        os.environ["QUART_APP"] = "shop"
        self.loads("shop")

    def test_mistakes_name_the_variable(self) -> None:
        self.put("shop.py", 'from flask import Flask\none = Flask("one")\ntwo = Flask("two")\n')
        rows = {
            "nowhere": "There is no module 'nowhere'",
            "nowhere.py": "There is no file {}".format(os.path.join(self.project, "nowhere.py")),
            "shop": "has more than one application: shop:one and shop:two",
            "shop:three": "has no attribute 'three'",
            "shop:create(": "is not the name of an attribute",
        }
        for value, expected in rows.items():
            with self.subTest(value), mock.patch.dict(os.environ, FLASK_APP=value):
                self.refused("FLASK_APP is {!r}: ".format(value), expected)

    def test_exceptions_are_the_applications(self) -> None:
        self.put("shop.py", "import nowhere\n")
        os.environ["FLASK_APP"] = "shop"
        self.assertRaises(ModuleNotFoundError, self.load)

    def test_it_does_not_count_for_what_is_named(self) -> None:
        self.put("shop.py", 'from flask import Flask\napp = Flask("shop")\n')
        self.put("sub/app.py", 'from flask import Flask\napp = Flask("sub")\n')
        os.environ["FLASK_APP"] = "nowhere"
        self.loads("shop", "shop:app")
        self.loads("shop", "shop.py")
        self.loads("sub", "./sub")


class Files(Discovery):
    def test_the_first_with_an_application(self) -> None:
        self.put("app.py", "import sys\nsys.imported_app = True\nrouter = 1\n")
        self.put("main.py", 'from fastapi import FastAPI\napp = FastAPI("main")\n')
        self.put("asgi.py", "1 / 0\n")
        self.loads("main")
        self.assertFalse(hasattr(sys, "imported_app"), "a file without an application is not imported")

    def test_each_name(self) -> None:
        for name in ("app.py", "wsgi.py", "main.py", "asgi.py", "api.py", "__init__.py"):
            with self.subTest(name):
                path = self.put(name, 'from flask import Flask\napplication = Flask("{}")\n'.format(name))
                self.loads(name)
                os.unlink(path)

    def test_a_single_object_of_a_framework(self) -> None:
        self.put("app.py", 'import fastapi\nclass Own(fastapi.FastAPI): pass\nservice = fastapi.FastAPI("service")\n')
        self.loads("service")

    def test_factories(self) -> None:
        path = self.put("app.py", 'from flask import Flask\ndef make_app(name="made"):\n    return Flask(name)\n')
        self.loads("made")
        os.unlink(path)
        self.put("app.py", 'from flask import Flask\ndef create_app(config):\n    return Flask(config)\n')
        self.refused("app.py: has create_app(), which needs arguments")
        self.loads("x", "app:create_app('x')")

    def test_a_file_that_cannot_be_parsed_is_the_one(self) -> None:
        self.put("app.py", "def (\n")
        self.assertRaises(SyntaxError, self.load)

    def test_names_that_come_by_an_asterisk(self) -> None:
        self.put("settings.py", 'from flask import Flask\napp = Flask("star")\n')
        self.put("wsgi.py", "from settings import *\n")
        self.loads("star")

    def test_a_module_called_app_is_none(self) -> None:
        self.put("app/__init__.py", 'from flask import Flask\ndef create_app():\n    return Flask("package")\n')
        self.put("wsgi.py", "import app\n")
        self.loads("package")

    def test_one_other_file(self) -> None:
        self.put("hello.py", 'from flask import Flask\napp = Flask("hello")\n')
        self.put("helper.py", "app = None\n")
        self.put("test_hello.py", 'from flask import Flask\napp = Flask("test")\n')
        self.loads("hello")
        self.put("second.py", 'from flask import Flask\napp = Flask("second")\n')
        self.refused("There is more than one file with an application in {}: hello.py and second.py.".format(self.project))

    def test_nothing(self) -> None:
        self.put("app.py", "value = 1\n")
        self.put("tools/__init__.py", "")
        told = self.refused(
            "There is no application in {}. Looked for".format(self.project),
            "FLASK_APP, in the environment and in .env or .flaskenv, which are not there",
            "app.py: has none of application, app, create_app(), make_app()",
            "wsgi.py, main.py, asgi.py, api.py, __init__.py: not there",
            "there is no manage.py here, nor in a folder below",
            "packages: none of tools/ has one",
            "another file that makes an application of Flask, FastAPI or the like: there is none",
        )
        self.assertNotIn(os.sep + "lib", told)
        self.put(".flaskenv", "A=b\n")
        self.refused("in the environment and in {}".format(os.path.join(self.project, ".flaskenv")))

    def test_a_named_folder_is_searched(self) -> None:
        self.put("inner/shop/__init__.py", 'from flask import Flask\ndef create_app():\n    return Flask("inner")\n')
        self.loads("inner", "inner")
        self.refused("There is no application in", target="../lib")


class Packages(Discovery):
    def test_places(self) -> None:
        app = 'from flask import Flask\napp = Flask(__name__)\n'
        rows = {
            ("shop/__init__.py",): "shop",
            ("shop/__init__.py", "shop/main.py"): "shop",
            ("src/shop/__init__.py",): "shop",
            ("app/main.py",): "main",
            ("src/main.py",): "main",
            ("src/app/main.py",): "main",
        }
        for files, expected in rows.items():
            with self.subTest(files[-1]):
                paths = [self.put(name, app) for name in files]
                self.loads(expected)
                for path in paths:
                    os.unlink(path)
                for name in ("shop", "main", "app"):
                    sys.modules.pop(name, None)

    def test_a_module_of_a_package(self) -> None:
        self.put("src/shop/__init__.py", "")
        self.put("src/shop/helper.py", "")
        self.put("src/shop/wsgi.py", 'from . import helper\nfrom flask import Flask\napp = Flask(__name__)\n')
        self.loads("shop.wsgi")
        self.assertEqual(sys.path[0], os.path.join(self.project, "src"))

    def test_what_has_other_purposes(self) -> None:
        app = 'from flask import Flask\napp = Flask(__name__)\n'
        self.put("tests/__init__.py", app)
        self.put("env2/app/__init__.py", app)
        self.put("env2/__init__.py", app)
        self.put("env2/pyvenv.cfg", "")
        self.put("shop/__init__.py", app)
        self.loads("shop")

    def test_more_than_one(self) -> None:
        self.put("one/__init__.py", WSGI.format("app"))
        self.put("two/__init__.py", "")
        self.put("two/app.py", WSGI.format("app"))
        self.refused("There is more than one package with an application", "one/__init__.py and two/app.py")


class DjangoProjects(Discovery):
    def setUp(self) -> None:
        super().setUp()
        self.write("lib/django/__init__.py", "")
        self.write("lib/django/conf.py", "import importlib, os\nsettings = importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE'])\n")

    def django(self, folder: str, name: str) -> None:
        self.put(folder + "manage.py", 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'.format(name))
        self.put(folder + name + ".py", "configured = False\nWSGI_APPLICATION = '{}_wsgi.application'\n".format(name))
        self.put(folder + name + "_wsgi.py", 'from flask import Flask\napplication = Flask("{}")\n'.format(name))

    def test_in_the_folder(self) -> None:
        self.django("", "first")
        self.put("app.py", "1 / 0\n")
        self.loads("first")

    def test_one_folder_below(self) -> None:
        self.django("backend/", "second")
        self.loads("second")
        self.assertEqual(sys.path[0], os.path.join(self.project, "backend"))

    def test_two_below(self) -> None:
        self.django("backend/", "third")
        self.django("other/", "fourth")
        self.refused("There is more than one Django project", "backend and other")
        self.loads("fourth", "other")


class Sources(Folder):
    def test_rows(self) -> None:
        rows = [
            ("", NO),
            ("x = 1\n", NO),
            ("app = 1\n", SURE),
            ("app: object = 1\n", SURE),
            ("app: object\n", NO),
            ("a, app = 1, 2\n", SURE),
            ("class application: pass\n", SURE),
            ("async def app(scope, receive, send): pass\n", SURE),
            ("def create_app(a=1, *, b=2): pass\n", SURE),
            ("def create_app(a, b=2): pass\n", NO),
            ("def create_app(*, b): pass\n", NO),
            ("def create_app(**options): pass\n", SURE),
            ("from shop import app\n", SURE),
            ("from shop import create as create_app\n", SURE),
            ("from shop import app as other\n", NO),
            ("from . import app\n", MAYBE),
            ("from shop import *\n", MAYBE),
            ("import app\n", NO),
            ("def f():\n    app = 1\n", NO),
            ("if x:\n    app = 1\n", SURE),
            ("try:\n    pass\nexcept X:\n    app = 1\n", SURE),
            ("if __name__ == '__main__':\n    app = 1\n", NO),
            ("shop = Flask(__name__)\n", SURE),
            ("shop = fastapi.FastAPI()\n", SURE),
            ("one = Flask(1)\ntwo = Flask(2)\n", NO),
            ("one = Flask(1)\ntwo = Flask(2)\napp = one\n", SURE),
            ("def (\n", SURE),
            ("x = '\0'\n", SURE),
        ]
        for text, expected in rows:
            with self.subTest(text):
                self.assertEqual(Source(self.write("file.py", text)).verdict, expected)


class DebugMode(Discovery):
    APP = 'import os\nfrom flask import Flask\napp = Flask(os.environ["FLASK_DEBUG"])\n'

    def test_it_is_on(self) -> None:
        self.put("app.py", self.APP)
        application = self.load()
        self.assertEqual((application.name, application.debug), ("1", True))
        self.assertEqual(os.environ["FLASK_RUN_FROM_CLI"], "true")
        self.assertEqual(os.environ["QUART_DEBUG"], "1")

    def test_the_user_decides(self) -> None:
        for value, expected in (("0", False), ("false", False), ("No", False), ("1", True), ("yes", True)):
            with self.subTest(value):
                self.assertEqual(self.flask_debug({"FLASK_DEBUG": value}), (value, expected))
        self.assertEqual(self.flask_debug({"FLASK_DEBUG": ""}), ("1", True))

    def flask_debug(self, environment: Any) -> Any:
        _flask.prepare(environment)
        import flask  # type: ignore[import-not-found,import-untyped,unused-ignore]

        application = flask.Flask()
        _flask.finish(application, environment)
        return environment["FLASK_DEBUG"], application.debug

    def test_other_applications_are_left_alone(self) -> None:
        self.put("main.py", 'from fastapi import FastAPI\napp = FastAPI("main")\n')
        self.assertIsNone(self.load().debug)

    def test_the_files_decide(self) -> None:
        self.put(".flaskenv", "FLASK_DEBUG=0\n")
        self.put("app.py", self.APP)
        self.assertFalse(self.load().debug)

    def test_mistakes_in_the_files_are_told(self) -> None:
        self.put(".env", "A mistake\n")
        self.put("app.py", self.APP)
        with mock.patch.object(sys, "stderr") as errors:
            self.load()
        told = "".join(call[0][0] for call in errors.write.call_args_list)
        self.assertIn("darter: {}, line 1: this is no NAME=value".format(os.path.join(self.project, ".env")), told)

    def test_for_manage_no_files_are_read(self) -> None:
        self.put(".env", "STAGE=dev\n")
        self.put("app.py", self.APP)
        with mock.patch.dict(os.environ, _DARTER_RUNSERVER="checks"):
            self.load()
        self.assertNotIn("STAGE", os.environ)


#: Imports what the framework of the first argument has, in a process that other tests do not know.
PROBE = """
import json, os, sys
from darter import _dev
from darter.interface import interface_of
application = _dev.load_application({"target": ".", "dev": {}}, "auto")
"""


class RealFrameworks(Discovery):
    """With those that the interpreter has."""

    def probe(self, module: str, code: str) -> str:
        environment = dict(os.environ, PYTHONPATH=os.path.join(ROOT, "python"), PYTHONDONTWRITEBYTECODE="1")
        if subprocess.run([sys.executable, "-c", "import " + module], env=environment, stderr=subprocess.DEVNULL).returncode:
            self.skipTest("there is no {} here".format(module))
        result = subprocess.run([sys.executable, "-c", PROBE + code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode().strip()

    def test_flask(self) -> None:
        self.put(
            "hello.py",
            """
            from flask import Flask
            shop = Flask(__name__)
            shop.config.update(DEBUG=False)
            @shop.route("/")
            def index():
                raise KeyError("to the debugger")
            shop.run()
            """,
        )
        code = """
try:
    application({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.url_scheme": "http", "SERVER_NAME": "a", "SERVER_PORT": "1",
                 "wsgi.errors": sys.stderr, "SCRIPT_NAME": "", "SERVER_PROTOCOL": "HTTP/1.1"}, lambda *_: None)
except KeyError as error:
    print(application.debug, application.jinja_env.auto_reload, interface_of(application), error)
"""
        self.assertEqual(self.probe("flask", code).splitlines()[-1], "True True wsgi 'to the debugger'")

    def test_quart(self) -> None:
        self.put("app.py", "from quart import Quart\nshop = Quart(__name__)\nshop.config.update(DEBUG=False)\n")
        self.assertEqual(self.probe("quart", "print(application.debug, interface_of(application))"), "True asgi")

    def test_fastapi(self) -> None:
        self.put("app/main.py", "from fastapi import FastAPI\nservice = FastAPI()\n")
        self.assertEqual(self.probe("fastapi", "print(type(application).__name__, interface_of(application))"), "FastAPI asgi")

    def test_starlette(self) -> None:
        self.put("asgi.py", "from starlette.applications import Starlette\nservice = Starlette()\n")
        self.assertEqual(self.probe("starlette", "print(type(application).__name__, interface_of(application))"), "Starlette asgi")


# Its own tests are run where they are.
del Folder

if __name__ == "__main__":
    unittest.main()
