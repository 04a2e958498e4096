"""darter.run(): options to arguments, objects to names."""

from __future__ import annotations

import os
import sys
import tempfile
import types
import unittest
from unittest import mock

from darter import _run
from darter._executable import environment


def application(environ, start_response):
    return []


class ArgumentTests(unittest.TestCase):
    def test_options_become_arguments(self):
        options = {
            "workers": 2,
            "keep_alive": 1.5,
            "bind": [":8000", "unix:/run/a b"],
            "reuse_port": True,
            "ws_per_message_deflate": False,
            "user": None,
            "env": {"A": "1", "B": "2=3"},
        }
        expected = [
            "--workers=2",
            "--keep-alive=1.5",
            "--bind=:8000",
            "--bind=unix:/run/a b",
            "--reuse-port=true",
            "--ws-per-message-deflate=false",
            "--env=A=1",
            "--env=B=2=3",
        ]
        self.assertEqual(_run._arguments(options), expected)

    def test_the_scripts_folder_is_a_folder_of_modules(self):
        self.assertEqual(_run._with_path({"pythonpath": "/a"})["pythonpath"][1:], ["/a"])
        self.assertEqual(_run._with_path({"pythonpath": ["/a", "/b"]})["pythonpath"][1:], ["/a", "/b"])
        self.assertEqual(_run._with_path({})["pythonpath"], [os.path.abspath(sys.path[0])])


class CommandTests(unittest.TestCase):
    def test_reload_is_the_development_server(self):
        options = {"reload": True, "live_reload": False, "debugger": True, "reload_include": ["*.yaml"], "bind": ":8000"}
        self.assertEqual(_run._command(options), ("dev", options))
        self.assertEqual(
            _run._arguments(options),
            ["--reload=true", "--live-reload=false", "--debugger=true", "--reload-include=*.yaml", "--bind=:8000"],
        )

    def test_what_is_switched_off_is_no_option_of_production(self):
        off = {"reload": False, "debugger": None, "live_reload": False, "reload_include": [], "threads": 2}
        self.assertEqual(_run._command(off), ("run", {"threads": 2}))

    def test_development_without_reload_is_a_mistake(self):
        for name in ("debugger", "live_reload", "open", "reload_dir"):
            with self.assertRaisesRegex(ValueError, "{} is for development; pass reload=True".format(name)):
                _run._command({name: True})

    def test_the_module_is_named_to_the_server(self):
        """With a server that is a script and writes down what it is called with."""
        with tempfile.TemporaryDirectory() as folder:
            script, told = os.path.join(folder, "darter"), os.path.join(folder, "told")
            with open(script, "w", encoding="utf-8") as file:
                file.write('#!/bin/sh\nprintf "%s\\n" "$@" > "{}"\n'.format(told))
            os.chmod(script, 0o755)
            # Tests of workers, which run in the same process, leave their module behind.
            modules = {name: module for name, module in sys.modules.items() if name != "darter._worker"}
            with mock.patch.object(_run, "find", lambda: script), mock.patch.dict(sys.modules, modules, clear=True):
                _run.run(application, reload=True, open=False)
            with open(told, encoding="utf-8") as file:
                lines = file.read().splitlines()
        self.assertEqual(lines[:2], ["dev", "{}:application".format(_run._module_of(globals()))])
        self.assertIn("--reload=true", lines)
        self.assertIn("--open=false", lines)


class NameTests(unittest.TestCase):
    def test_a_global_of_the_caller_is_found(self):
        self.assertEqual(_run._name_of(application, {"__name__": "shop", "app": application}), "shop:app")

    def test_a_global_of_a_script_is_found_in_its_file(self):
        variables = {"__name__": "__main__", "__spec__": None, "__file__": "/srv/shop.py", "app": application}
        self.assertEqual(_run._name_of(application, variables), "/srv/shop.py:app")

    def test_a_global_of_a_module_run_as_a_script_is_found_in_the_module(self):
        spec = types.SimpleNamespace(name="shop.web")
        self.assertEqual(_run._name_of(application, {"__name__": "__main__", "__spec__": spec, "app": application}), "shop.web:app")

    def test_a_function_of_another_module_is_found_there(self):
        self.assertEqual(_run._name_of(application, {"__name__": "shop"}), "{}:application".format(__name__))

    def test_what_no_module_has_is_refused(self):
        for value in (object(), lambda: None):
            with self.assertRaisesRegex(TypeError, '"module:attr"'):
                _run._name_of(value, {"__name__": "shop"})

    def test_what_is_typed_at_a_prompt_is_refused(self):
        with self.assertRaisesRegex(TypeError, "that a file has"):
            _run._name_of(application, {"__name__": "__main__", "app": application})


class EnvironmentTests(unittest.TestCase):
    def test_the_interpreter_is_named(self):
        rank, _, path = environment("last")["_DARTER_INTERPRETER"].partition(" ")
        self.assertEqual(path, sys.executable)
        self.assertEqual(rank, "last" if sys.prefix == sys.base_prefix else "first")


class PackageTests(unittest.TestCase):
    def test_workers_do_not_load_what_starts_servers(self):
        import subprocess

        code = "import darter, sys; print('darter._run' in sys.modules, callable(darter.run))"
        result = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
        self.assertEqual(result.stdout.decode().split(), ["False", "True"])


if __name__ == "__main__":
    unittest.main()
