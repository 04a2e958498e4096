from __future__ import annotations

import importlib
import os
import sys
import tempfile
import unittest

from darter._sources import Sources


class SourcesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.read, write = os.pipe()
        self.sources = Sources(write)
        self.addCleanup(os.close, self.read)
        self.addCleanup(os.close, write)
        os.set_blocking(self.read, False)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        sys.path.insert(0, self.folder)
        self.addCleanup(sys.path.remove, self.folder)

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        importlib.invalidate_caches()
        return path

    def load(self, name: str) -> None:
        importlib.import_module(name)
        self.addCleanup(sys.modules.pop, name)

    def reported(self) -> list[str]:
        data = b""
        try:
            while True:
                data += os.read(self.read, 65536)
        except BlockingIOError:
            return data.decode().splitlines()

    def test_imported_once(self) -> None:
        path = self.write("sources_one.py", "")
        self.load("sources_one")
        self.sources.report()
        self.assertIn(path, self.reported())
        self.sources.report()
        self.assertEqual(self.reported(), [])

    def test_neither_interpreter_nor_darter(self) -> None:
        self.sources.report()
        reported = self.reported()
        self.assertNotIn(os.path.abspath(os.__file__), reported)
        self.assertFalse([path for path in reported if path.startswith(os.path.dirname(importlib.import_module("darter").__file__ or "") + os.sep)])

    def test_failed_import(self) -> None:
        broken = self.write("sources_broken.py", "x = (\n")
        outer = self.write("sources_outer.py", "import sources_broken\n")
        try:
            importlib.import_module("sources_outer")
        except SyntaxError as error:
            self.sources.report(error)
        reported = self.reported()
        self.assertIn(broken, reported)
        self.assertIn(outer, reported)

    def test_front_that_is_gone(self) -> None:
        read, write = os.pipe()
        os.close(read)
        self.addCleanup(os.close, write)
        Sources(write).report()


if __name__ == "__main__":
    unittest.main()
