"""Tests of bench/connections: the crowd of clients, against a small server, and the tables."""

import socket
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from connections_lib.crowd import Crowd, CrowdError  # noqa: E402
from connections_lib.kinds import MESSAGE, Kind  # noqa: E402
from connections_lib.measure import Measurement  # noqa: E402
from connections_lib.report import quantile, tables  # noqa: E402


class SmallServer:
    """Accepts connections, answers each request with the same bytes, and sends to all when it is told to."""

    def __init__(self, answer):
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.clients = []
        threading.Thread(target=self._accept, daemon=True).start()

    def send(self, data):
        for client in self.clients:
            client.sendall(data)

    def close(self):
        self._listener.close()
        for client in self.clients:
            client.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.recv(1024)
            client.sendall(self._answer)
            self.clients.append(client)


class Clients(unittest.TestCase):
    def setUp(self):
        self.kind = Kind("test", "tests", b"hello", b"opened", MESSAGE, again=False)
        self.server = SmallServer(b"opened")
        self.addCleanup(self.server.close)

    def test_wait_for_broadcast_has_a_delay_for_each_client(self):
        with Crowd(self.kind, self.server.port, 300) as crowd:
            started = time.monotonic()
            # In two parts, as the network may bring it.
            self.server.send(MESSAGE[:5])
            self.server.send(MESSAGE[5:])
            delays = crowd.wait_for_broadcast(started)
        self.assertEqual(len(delays), 300)
        self.assertEqual(delays, sorted(delays))

    def test_connections_come_from_several_addresses(self):
        with Crowd(self.kind, self.server.port, 60):
            self.assertEqual(len({client.getpeername()[0] for client in self.server.clients}), 50)

    def test_a_server_that_closes_is_an_error(self):
        with Crowd(self.kind, self.server.port, 10) as crowd:
            self.server.close()
            with self.assertRaises(CrowdError):
                crowd.wait_for_broadcast(time.monotonic())

    def test_no_server_is_an_error(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        with self.assertRaises(CrowdError):
            Crowd(self.kind, port, 1).__enter__()


class Tables(unittest.TestCase):
    def test_quantile_is_one_of_the_values(self):
        values = [0.5, 0.1, 0.4, 0.2, 0.3]
        self.assertEqual([quantile(values, part) for part in (0.0, 0.5, 0.99, 1.0)], [0.1, 0.3, 0.5, 0.5])

    def test_tables_have_memory_for_each_part_and_the_median_broadcast(self):
        one = Measurement("darter", "ws", 3, 1.5, 2048.0, 4096.0, [[0.001, 0.002, 0.003], [0.002, 0.003, 0.004], [0.1, 0.2, 0.3]])
        (table,) = tables([one], workers=1)
        self.assertEqual(table.title, "3 WebSockets, 1 worker")
        self.assertEqual(table.rows, [["darter", "2.0", "4.0", "6.0", "2", "2.0", "3.0", "4.0", "4.0"]])

    def test_tables_without_broadcasts_leave_their_columns_empty(self):
        (table,) = tables([Measurement("uvicorn", "sse", 10, 1.0, 0.0, 1024.0)], workers=2)
        self.assertEqual(table.rows, [["uvicorn", "", "1.0", "1.0", "10", "", "", "", ""]])


if __name__ == "__main__":
    unittest.main()
