"""Tests of darter.target and darter.interface, to be run by every interpreter: python tests/python/test_target.py"""

from __future__ import annotations

import asyncio.coroutines
import functools
import os
import sys
import tempfile
import textwrap
import types
import unittest
from typing import Any
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "python"))

from darter.interface import asgi_callable, interface_of  # noqa: E402
from darter.target import TargetError, from_module, load  # noqa: E402

WSGI = "def {}(environ, start_response): pass\n"


class Folder(unittest.TestCase):
    """Each test works in a folder of its own, with its own sys.path and sys.modules."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = os.path.realpath(temporary.name)
        before = os.getcwd(), list(sys.path), set(sys.modules), dict(os.environ)
        self.addCleanup(self._restore, *before)
        os.chdir(self.folder)
        sys.path.insert(0, self.folder)

    @staticmethod
    def _restore(cwd: str, path: list[str], modules: set[str], environ: dict[str, str]) -> None:
        os.chdir(cwd)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            del sys.modules[name]
        os.environ.clear()
        os.environ.update(environ)

    def write(self, path: str, text: str) -> str:
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return full

    def fails(self, target: str, *expected: str) -> str:
        with self.assertRaises(TargetError) as caught:
            load(target)
        for text in expected:
            self.assertIn(text, str(caught.exception))
        self.assertIn("Name the application as module:attribute", str(caught.exception))
        return str(caught.exception)


class Modules(Folder):
    def test_attribute(self) -> None:
        self.write("shop.py", WSGI.format("application") + WSGI.format("other"))
        self.assertEqual("other", load("shop:other").__name__)

    def test_dotted_module_and_attribute(self) -> None:
        self.write("shop/__init__.py", "")
        self.write("shop/wsgi.py", "class Holder:\n    @staticmethod\n    def app(environ, start_response): pass\n")
        self.assertEqual("app", load("shop.wsgi:Holder.app").__name__)

    def test_factory(self) -> None:
        self.write(
            "shop.py",
            """
            def make(*args, **kwargs):
                def app(environ, start_response):
                    return args, kwargs
                return app
            """,
        )
        self.assertEqual(((), {}), load("shop:make()")({}, None))
        self.assertEqual((("x:y", 1), {"debug": True}), load('shop:make("x:y", 1, debug=True)')({}, None))
        self.assertEqual((([1], {"a": None}), {}), load("shop:make([1], {'a': None})")({}, None))

    def test_factory_below_an_attribute(self) -> None:
        self.write("shop.py", "class Kit:\n    @staticmethod\n    def make():\n        return lambda environ, start_response: 'made'\n")
        self.assertEqual("made", load("shop:Kit.make()")({}, None))

    def test_module_alone(self) -> None:
        self.write("one.py", WSGI.format("app") + WSGI.format("application"))
        self.write("two.py", WSGI.format("app"))
        self.write("three.py", "def create_app():\n    return lambda environ, start_response: 'three'\n")
        self.write("four.py", "def create_app(needed): pass\ndef make_app(optional=1):\n    return lambda environ, start_response: 'four'\n")
        self.assertEqual("application", load("one").__name__)
        self.assertEqual("app", load("two").__name__)
        self.assertEqual("three", load("three")({}, None))
        self.assertEqual("four", load("four")({}, None))

    def test_missing_module(self) -> None:
        self.fails("nowhere:app", "There is no module 'nowhere'", self.folder)
        self.write("shop/__init__.py", "")
        self.fails("shop.nowhere:app", "There is no module 'shop.nowhere'")
        self.fails("shop.nowhere.deeper", "There is no module 'shop.nowhere'")
        self.fails("not a module", "'not a module' is not the name of a module")

    def test_missing_import_inside_is_the_applications(self) -> None:
        self.write("shop.py", "import nowhere\n")
        with self.assertRaises(ModuleNotFoundError) as caught:
            load("shop:app")
        self.assertEqual("nowhere", caught.exception.name)

    def test_exception_inside_is_the_applications(self) -> None:
        self.write("shop.py", "1 / 0\n")
        self.assertRaises(ZeroDivisionError, load, "shop:app")
        self.write("other.py", "def make():\n    raise KeyError('inside')\n")
        self.assertRaises(KeyError, load, "other:make()")

    def test_missing_attribute(self) -> None:
        self.write("shop.py", WSGI.format("application"))
        self.fails("shop:aplication", "The module 'shop' has no attribute 'aplication'. Did you mean application?")
        self.fails("shop:application.nothing", "has no attribute 'nothing'")
        self.fails("shop:missing()", "has no attribute 'missing'")

    def test_nothing_to_be_found(self) -> None:
        self.write("shop.py", WSGI.format("my_app"))
        self.fails("shop", "The module 'shop'", "has none of application, app, create_app(), make_app()", "Did you mean my_app?")

    def test_an_object_of_a_framework(self) -> None:
        self.write("falcon.py", "class App:\n    def __call__(self, environ, start_response): pass\n")
        self.write("one.py", "import falcon\nclass Own(falcon.App): pass\nservice = Own()\nalias = service\n")
        self.write("two.py", "import falcon\na, b = falcon.App(), falcon.App()\n")
        self.write("made.py", "import falcon\nservice = falcon.App()\ndef create_app():\n    return lambda environ, start_response: 'made'\n")
        self.assertEqual("Own", type(load("one")).__name__)
        self.write("beside.py", "import falcon\nclass Dash: pass\napp = Dash()\nserver = falcon.App()\n")
        self.assertEqual("App", type(load("beside")).__name__)
        self.fails("two", "has more than one application: two:a and two:b")
        self.assertEqual("made", load("made")({}, None))

    def test_a_factory_that_needs_arguments(self) -> None:
        self.write("shop.py", "def make_app(config): pass\n")
        self.fails("shop", "none of application, app, create_app(), make_app() that needs no arguments: name them, as shop:make_app(...).")

    def test_a_module_called_app(self) -> None:
        self.write("app.py", "")
        self.write("shop.py", "import app\ndef create_app():\n    return lambda environ, start_response: 'made'\n")
        self.assertEqual("made", load("shop")({}, None))

    def test_not_callable(self) -> None:
        self.write("shop.py", "app = 5\ndef make():\n    return None\n")
        self.fails("shop:app", "shop:app is not callable: it is of type int")
        self.fails("shop", "shop:app is not callable")
        self.fails("shop:make()", "is not callable: it is of type NoneType")
        self.fails("shop:app()", "cannot be called")

    def test_factory_without_parentheses(self) -> None:
        self.write("shop.py", "def build():\n    pass\n")
        self.fails("shop:build", "looks like a factory: name it shop:build()")

    def test_expressions_that_are_none(self) -> None:
        self.write("shop.py", "def make(*args, **kwargs): pass\nargs = []\n")
        self.fails("shop:1", "is not the name of an attribute")
        self.fails("shop:", "is not the name of an attribute")
        self.fails("shop:a b", "is not the name of an attribute")
        self.fails("shop:make()()", "is not the name of an attribute")
        self.fails("shop:make(args)", "must be literals")
        self.fails("shop:make(*[1])", "must be literals")
        self.fails("shop:make(**{})", "must be literals")
        self.fails("shop:make(make())", "must be literals")


class Files(Folder):
    def test_file(self) -> None:
        path = self.write("apps/shop.py", "import neighbour\n" + WSGI.format("app") + WSGI.format("other"))
        self.write("apps/neighbour.py", "")
        self.assertEqual("app", load("apps/shop.py").__name__)
        self.assertEqual("other", load("apps/shop.py:other").__name__)
        self.assertEqual("app", load(path).__name__)
        self.assertEqual("app", load("./apps/shop.py:app").__name__)
        self.assertEqual(os.path.dirname(path), sys.path[0])
        self.assertIs(load("apps/shop.py").__globals__, vars(sys.modules["shop"]))

    def test_file_with_factory(self) -> None:
        self.write("shop.py", "def make(name):\n    return lambda environ, start_response: name\n")
        self.assertEqual("a:b", load("shop.py:make('a:b')")({}, None))

    def test_file_in_a_package(self) -> None:
        self.write("outer/inner/__init__.py", "")
        self.write("outer/inner/deep/__init__.py", "")
        self.write("outer/inner/deep/shop.py", "from . import helper\n" + WSGI.format("app"))
        self.write("outer/inner/deep/helper.py", "")
        self.assertEqual("inner.deep.shop", load("outer/inner/deep/shop.py").__module__)
        self.assertEqual(os.path.join(self.folder, "outer"), sys.path[0])

    def test_file_with_a_name_that_is_taken(self) -> None:
        import json

        self.write("json.py", WSGI.format("app"))
        self.assertEqual("app", load("json.py").__name__)
        self.assertIs(json, sys.modules["json"])
        self.assertEqual("app", load("./json.py").__name__)

    def test_file_that_fails_is_not_kept(self) -> None:
        self.write("shop.py", "1 / 0\n")
        self.assertRaises(ZeroDivisionError, load, "shop.py")
        self.assertNotIn("shop", sys.modules)

    def test_missing_file(self) -> None:
        self.fails("shop.py", "There is no file shop.py in " + self.folder)
        self.fails("apps/shop.py:app", "There is no file " + os.path.join(self.folder, "apps/shop.py"))

    def test_module_named_py(self) -> None:
        self.write("shop/__init__.py", "")
        self.write("shop/py.py", WSGI.format("app"))
        self.assertEqual("app", load("shop.py:app").__name__)

    def test_folder(self) -> None:
        self.write("one/app.py", WSGI.format("app"))
        self.write("two/main.py", WSGI.format("application"))
        self.write("three/asgi.py", WSGI.format("app"))
        self.assertEqual("app", load("one").__name__)
        self.assertEqual("application", load("./two").__name__)
        self.assertEqual("asgi", load("three").__module__)
        os.chdir("one")
        self.assertEqual("app", load(".").__name__)

    def test_folder_of_a_package(self) -> None:
        self.write("shop/__init__.py", WSGI.format("app"))
        self.assertEqual("shop", load("shop").__module__)
        self.assertEqual("shop", load("./shop").__module__)

    def test_folder_without_an_application(self) -> None:
        os.mkdir("empty")
        self.fails("empty", "has no manage.py and none of app.py, wsgi.py, main.py")


class Django(Folder):
    """With a django of two modules, so that none need be installed."""

    MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_{}.settings")\n'

    def setUp(self) -> None:
        super().setUp()
        for name in [name for name in sys.modules if name.split(".")[0] == "django"]:
            del sys.modules[name]
        self.write("django/__init__.py", "")
        self.write("django/conf.py", "import importlib, os\nsettings = importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE'])\n")
        self.write("django/core/__init__.py", "")
        self.write("django/core/wsgi.py", "def get_wsgi_application():\n    return lambda environ, start_response: 'default'\n")
        self.write("django/core/asgi.py", "def get_asgi_application():\n    return lambda scope, receive, send: 'default'\n")

    def project(self, name: str, settings: str) -> None:
        self.write("project/manage.py", self.MANAGE.format(name))
        self.write("project/site_{}/__init__.py".format(name), "")
        self.write("project/site_{}/settings.py".format(name), settings)
        self.write("project/site_{}/wsgi.py".format(name), "def application(environ, start_response): return 'own'\n")

    def test_wsgi_application(self) -> None:
        self.project("a", "WSGI_APPLICATION = 'site_a.wsgi.application'\n")
        self.assertEqual("own", load("project")({}, None))
        self.assertEqual(os.path.join(self.folder, "project"), sys.path[0])
        self.assertEqual("site_a.settings", os.environ["DJANGO_SETTINGS_MODULE"])

    def test_without_wsgi_application(self) -> None:
        self.project("b", "")
        self.assertEqual("default", load("project/")({}, None))

    def test_asgi_application(self) -> None:
        self.project("d", "WSGI_APPLICATION = 'site_d.wsgi.application'\nASGI_APPLICATION = 'site_d.routing.application'\n")
        self.write("project/site_d/routing.py", "def application(scope, receive, send): return 'named'\n")
        self.assertEqual("named", load("project", "asgi")({}, None, None))
        self.assertEqual("own", load("project", "wsgi")({}, None))

    def test_asgi_module_beside_the_urls(self) -> None:
        self.project("e", "ROOT_URLCONF = 'site_e.urls'\n")
        self.write("project/site_e/asgi.py", "def application(scope, receive, send): return 'beside'\n")
        self.assertEqual("beside", load("project", "asgi")({}, None, None))

    def test_without_asgi_application(self) -> None:
        self.project("f", "ROOT_URLCONF = 'site_f.urls'\n")
        self.assertEqual("default", load("project", "asgi")({}, None, None))

    def test_environment_wins(self) -> None:
        self.project("c", "")
        self.write("project/elsewhere.py", "WSGI_APPLICATION = 'site_c.wsgi.application'\n")
        os.environ["DJANGO_SETTINGS_MODULE"] = "elsewhere"
        self.assertEqual("own", load("project")({}, None))

    def test_manage_without_settings(self) -> None:
        self.write("project/manage.py", "")
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        self.fails("project", "does not say what DJANGO_SETTINGS_MODULE is")


class Interfaces(unittest.TestCase):
    def test_wsgi(self) -> None:
        class Application:
            def __call__(self, environ: Any, start_response: Any) -> Any: ...

        for application in (lambda environ, start_response: [], Application(), Application, len):
            self.assertEqual("wsgi", interface_of(application))

    def test_asgi(self) -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None: ...

        def marked(*arguments: Any) -> Any: ...

        marked._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]

        class Instance:
            async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

        class PerRequest:
            def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...

            def __await__(self) -> Any: ...

        returns_an_awaitable = lambda scope, receive, send: application(scope, receive, send)  # noqa: E731
        for served in (application, marked, Instance(), functools.partial(application, {}), PerRequest, returns_an_awaitable):
            self.assertEqual("asgi", interface_of(served))

    def test_double_callable(self) -> None:
        calls = []

        def function(scope: Any) -> Any:
            async def instance(receive: Any, send: Any) -> None:
                calls.append((scope, receive, send))

            return instance

        class Class:
            def __init__(self, scope: Any) -> None:
                self.scope = scope

            async def __call__(self, receive: Any, send: Any) -> None:
                calls.append((self.scope, receive, send))

        for served in (function, Class):
            self.assertEqual("asgi", interface_of(served))
            asyncio.run(asgi_callable(served)("scope", "receive", "send"))  # type: ignore[arg-type]
        self.assertEqual([("scope", "receive", "send")] * 2, calls)

    def test_asked_for(self) -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None: ...

        self.assertEqual("wsgi", interface_of(application, "wsgi"))
        self.assertEqual("asgi", interface_of(len, "asgi"))
        with mock.patch("importlib.util.find_spec", return_value=None):
            self.assertRaisesRegex(TargetError, "asks for the package tornado, which cannot", interface_of, len, "tornado")

    def test_tornado_is_known_by_its_interface(self) -> None:
        httputil = types.ModuleType("tornado.httputil")
        httputil.HTTPServerConnectionDelegate = type("HTTPServerConnectionDelegate", (), {})  # type: ignore[attr-defined]
        with mock.patch.dict(sys.modules, {"tornado.httputil": httputil}):
            router = httputil.HTTPServerConnectionDelegate()
            self.assertEqual("tornado", interface_of(router))
            self.assertRaisesRegex(TargetError, "--interface wsgi: this is an application of Tornado", interface_of, router, "wsgi")
            module = types.ModuleType("with_router")
            module.app = router  # type: ignore[attr-defined]
            self.assertIs(router, from_module(module, "app"))


if __name__ == "__main__":
    unittest.main()
