"""Tests of darter.gunicorn_config, to be run by every interpreter: python tests/python/test_gunicorn_config.py"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "python"))

from darter.gunicorn_config import HOOKS, SETTINGS, ConfigError, load  # noqa: E402


class LoadTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.path = list(sys.path)
        self.addCleanup(lambda: sys.path.__setitem__(slice(None), self.path))
        self.modules = set(sys.modules)
        self.addCleanup(lambda: [sys.modules.pop(name) for name in set(sys.modules) - self.modules if name.startswith("conf")])

    def write(self, name: str, text: str) -> None:
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def test_namespace_has_settings_and_hooks_only(self) -> None:
        self.write("conf.py", "import os\nworkers = 3\nhelper = 5\ndef post_fork(server, worker): return helper\n")
        found = load("conf.py", self.folder)
        self.assertEqual(sorted(found), ["post_fork", "workers"])
        self.assertEqual(found["workers"], 3)
        # Functions keep their variables.
        self.assertEqual(found["post_fork"](None, None), 5)

    def test_forms_of_the_name(self) -> None:
        self.write("conf_a.py", "workers = 3")
        for name in ("conf_a.py", "file:conf_a.py", os.path.join(self.folder, "conf_a.py"), "python:conf_a"):
            with self.subTest(name):
                self.assertEqual(load(name, self.folder)["workers"], 3)

    def test_folder_is_current_only_meanwhile(self) -> None:
        self.write("conf.py", "import os\nworkers = 1\nchdir = os.getcwd()\nos.chdir('/')\n")
        before = os.getcwd()
        self.assertEqual(load("conf.py", self.folder)["chdir"], self.folder)
        self.assertEqual(os.getcwd(), before)

    def test_modules_beside_it_can_be_imported(self) -> None:
        self.write("conf_b.py", "count = 4")
        self.write("conf.py", "from conf_b import count\nworkers = count")
        self.assertEqual(load("conf.py", self.folder)["workers"], 4)

    def test_folder_stays_behind_that_of_the_application(self) -> None:
        self.write("conf.py", "import sys\nproc_name = sys.path[0]")
        sys.path.insert(0, "/application")
        self.assertEqual(load("conf.py", self.folder)["proc_name"], self.folder)
        self.assertEqual(sys.path[:2], ["/application", self.folder])

    def test_hook_named_by_text_is_imported(self) -> None:
        self.write("conf_c.py", "def forked(server, worker): return 7")
        self.write("conf.py", "post_fork = 'conf_c.forked'")
        self.assertEqual(load("conf.py", self.folder)["post_fork"](1, 2), 7)

    def test_error_has_the_traceback_of_the_file_alone(self) -> None:
        self.write("conf.py", "def value():\n    return 1 / 0\n\nworkers = value()\n")
        with self.assertRaises(ConfigError) as caught:
            load("conf.py", self.folder)
        text = str(caught.exception)
        self.assertIn("line 4, in <module>", text)
        self.assertIn("line 2, in value", text)
        self.assertIn("ZeroDivisionError", text)
        self.assertNotIn("gunicorn_config", text)

    def test_exit_is_an_error(self) -> None:
        self.write("conf.py", "raise SystemExit('no')")
        with self.assertRaises(ConfigError) as caught:
            load("conf.py", self.folder)
        self.assertIn("SystemExit('no')", str(caught.exception))

    def test_hook_with_other_parameters_is_an_error(self) -> None:
        for text in ("def on_exit(): pass", "on_exit = 5", "on_exit = 'conf_d.nothing'", "on_exit = 'nothing'", "on_exit = None"):
            with self.subTest(text):
                self.write("conf.py", text)
                with self.assertRaises(ConfigError) as caught:
                    load("conf.py", self.folder)
                self.assertTrue(str(caught.exception).startswith("on_exit: "))

    def test_file_that_is_not_there_is_an_error(self) -> None:
        with self.assertRaises(ConfigError):
            load("nowhere.py", self.folder)

    def test_settings_and_hooks_are_apart(self) -> None:
        self.assertFalse(SETTINGS & set(HOOKS))


class ProgramTests(unittest.TestCase):
    def test_answer_comes_alone_and_the_reader_ends_it(self) -> None:
        program = os.path.join(os.path.dirname(sys.modules["darter.gunicorn_config"].__file__), "gunicorn_config.py")
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "conf.py"), "w") as file:
                file.write("import sys, threading\nprint('noise'); sys.stderr.flush(); threading.Event().wait()\n")
            process = subprocess.Popen(
                [sys.executable, program, "conf.py", folder, "1000"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            process.stdin.close()
            self.assertEqual(process.wait(60), 1)
            self.assertEqual(process.stdout.read(), b"")
            process.stdout.close()
            process.stderr.close()


if __name__ == "__main__":
    unittest.main()
