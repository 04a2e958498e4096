"""Tests of bench/compare live: its servers, and its table."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from compare_lib.interpreter import Interpreter  # noqa: E402
from compare_lib.paths import APPS, LAUNCH  # noqa: E402
from connections_lib.servers import Host  # noqa: E402
from live_lib.measure import Measurement  # noqa: E402
from live_lib.report import last, table  # noqa: E402
from live_lib.servers import MODULES, SERVERS, Peer  # noqa: E402


class Servers(unittest.TestCase):
    def test_every_application_is_there(self):
        host = Host(Interpreter("python3"), {name: "1" for name in MODULES}, Path("darter"))
        for server in SERVERS.values():
            line = server.command(host, 8000) if isinstance(server, Peer) else server.command(host, 8000, 1)
            modules = [word.partition(":")[0] for word in line if word.startswith("live")]
            self.assertEqual(1, len(modules), line)
            self.assertTrue((APPS / f"{modules[0]}.py").is_file(), line)
            for word in line:
                self.assertTrue(not word.startswith(str(LAUNCH)) or Path(word).is_file(), line)

    def test_peer_without_its_modules_is_not_there(self):
        host = Host(Interpreter("python3"), {"uvicorn": "1", "uvloop": "1", "httptools": "1"}, Path("darter"))
        self.assertEqual("1", SERVERS["uvicorn"].version(host))
        self.assertIsNone(SERVERS["starlette"].version(host))
        self.assertIsNone(SERVERS["tornado"].version(host))


class Report(unittest.TestCase):
    @staticmethod
    def measurement(server, slowness):
        one = Measurement(server, server.title(), "1", 3, open_seconds=1.5, bytes_each=2048, rss=3 << 20, cpu_seconds=0.06)
        one.broadcasts = [[0.1 * slowness, 0.2 * slowness, at * slowness] for at in (0.3, 5.0, 0.4)]
        one.client_cpu_seconds = 0.03
        return one

    def test_last_is_the_median_of_the_messages(self):
        self.assertEqual(0.4, last(self.measurement("darter", 1)))

    def test_table_compares_with_the_hub(self):
        made = table([self.measurement("darter", 1), self.measurement("tornado", 2)])
        rows = [dict(zip(made.columns, row)) for row in made.rows]
        self.assertEqual(["1.00", "2.00"], [row["darter ×"] for row in rows])
        self.assertEqual(("800", "200", "400"), (rows[1]["last ms"], rows[1]["first ms"], rows[1]["median ms"]))
        self.assertEqual(("20", "10", "2.0", "3", "2"), tuple(rows[0][name] for name in ("CPU ms/message", "client CPU ms", "KiB each", "RSS MiB", "subscribed/s")))

    def test_table_without_the_hub_compares_nothing(self):
        made = table([self.measurement("tornado", 1)])
        self.assertEqual("", made.rows[0][made.columns.index("darter ×")])


if __name__ == "__main__":
    unittest.main()
