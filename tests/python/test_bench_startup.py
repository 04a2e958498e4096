"""Tests of bench/startup: its command lines and its table."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from compare_lib.interpreter import Interpreter  # noqa: E402
from compare_lib.model import ProcessMemory  # noqa: E402
from startup_lib.measure import Sample  # noqa: E402
from startup_lib.report import table  # noqa: E402
from startup_lib.servers import APPLICATIONS, SERVERS  # noqa: E402


class Commands(unittest.TestCase):
    def command(self, server):
        return SERVERS[server].command(APPLICATIONS["flask"], Interpreter("/python"), Path("/darter"), 1234, 3)

    def test_every_server_is_told_application_port_and_workers(self):
        for server in SERVERS:
            line = self.command(server)
            self.assertIn("flask_app:application", line)
            self.assertIn("3", line)
            self.assertTrue(any("1234" in word for word in line), line)
            self.assertIn("/python", line)

    def test_only_those_that_are_to_preload_do(self):
        self.assertEqual(["darter-preload", "gunicorn-preload"], [name for name in SERVERS if "--preload" in self.command(name)])


class Tables(unittest.TestCase):
    def test_table_has_medians_and_the_memory_of_all_processes(self):
        samples = [Sample(seconds, (ProcessMemory(1, True, 1024, 2048), ProcessMemory(2, False, pss, 2048))) for seconds, pss in ((0.1, 1024), (0.3, 3072), (0.2, 2048))]
        result = table("flask", 2, {"darter": samples})
        self.assertEqual([["Darter", "200", "100", "300", "3.0", "4.0", "2"]], result.rows)


if __name__ == "__main__":
    unittest.main()
