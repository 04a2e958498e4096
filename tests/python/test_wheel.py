"""eng/wheel.py: what a wheel says of the systems it runs on."""

from __future__ import annotations

import importlib.util
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load():
    spec = importlib.util.spec_from_file_location("wheel", os.path.join(ROOT, "eng", "wheel.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class ElfTests(unittest.TestCase):
    def test_an_interpreter_needs_the_c_library(self):
        elf = load().Elf(os.path.realpath(sys.executable))
        self.assertIn("libc.so.6", elf.needed())
        self.assertTrue(any(library == "libc.so.6" and version.startswith("GLIBC_2.") for library, version in elf.versions()))

    def test_what_needs_no_foreign_library_is_manylinux(self):
        wheel = load()
        path = os.path.realpath("/bin/true")
        self.assertEqual(wheel.Elf(path).needed() - wheel.COMMON, set())
        self.assertRegex(wheel.platform_tag([path]), r"^manylinux_2_\d+_\w+$")

    def test_what_needs_a_foreign_library_is_not(self):
        wheel = load()
        wheel.COMMON = set()
        self.assertRegex(wheel.platform_tag([os.path.realpath("/bin/true")]), r"^linux_\w+$")

    def test_another_file_is_refused(self):
        with self.assertRaises(SystemExit):
            load().Elf(__file__)


class ModuleTests(unittest.TestCase):
    def test_packages_within_the_package_are_in_it(self):
        found = load().modules()
        for name in ("__init__.py", "_dev.py", "django/__init__.py", "django/apps.py", "py.typed"):
            self.assertIn("darter/" + name, found)
        for name in ("__init__.py", "commands/__init__.py", "commands/runserver.py"):
            self.assertIn("darter/django/management/" + name, found)

    def test_what_python_writes_itself_is_not(self):
        self.assertFalse([name for name in load().modules() if "__pycache__" in name or name.endswith(".pyc")])


class VersionTests(unittest.TestCase):
    def test_both_places_state_the_same(self):
        self.assertRegex(load().version(), r"^\d+\.\d+\.\d+")


if __name__ == "__main__":
    unittest.main()
