"""Tests of bench/reload: its command lines, and what it counts."""

import http.server
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from compare_lib.interpreter import Interpreter  # noqa: E402
from reload_lib import measure as measuring  # noqa: E402
from reload_lib.servers import APPLICATIONS, SERVERS  # noqa: E402


class Commands(unittest.TestCase):
    def test_every_server_is_told_folder_and_port(self):
        for server in SERVERS.values():
            line = server.command(Interpreter("/python"), Path("/darter"), 1234, Path("/folder"))
            self.assertTrue(any("1234" in word for word in line), line)
            self.assertTrue(any("/folder" in word for word in line), line)
            self.assertIn("/python", line)
            self.assertLessEqual(set(server.applications.split()), set(APPLICATIONS))


class Measuring(unittest.TestCase):
    def test_stale_and_failed_answers_are_counted_until_the_new_one_comes(self):
        answers = [(200, "1"), (500, "broken"), (200, "1"), (200, "2")]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, text = answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server, tempfile.TemporaryDirectory() as name:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                sample = measuring.measure(Path(name), server.server_port, 2)
            finally:
                server.shutdown()
                thread.join()
            self.assertEqual((1, 2), (sample.failed, sample.stale))
            self.assertEqual("NUMBER = 2\n", Path(name, "number.py").read_text())


if __name__ == "__main__":
    unittest.main()
