"""darter.cache: keys, values, and what becomes of connections. What a server makes of it, the tests with servers try."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
import unittest
from unittest import mock

from darter import cache
from darter._cache_values import INTEGER, PICKLE, TEXT, decode, encode, encode_key, expiration


class Server:
    """Answers each line of a connection with the next of its answers; None: closes the connection."""

    def __init__(self, *answers):
        self.folder = tempfile.TemporaryDirectory()
        self.address = "unix:" + os.path.join(self.folder.name, "cache")
        self.answers = list(answers)
        self.asked = []
        self.connections = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.address[len("unix:") :])
        self.listener.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    self.asked.append(line)
                    answer = self.answers.pop(0) if self.answers else None
                    if answer is None:
                        break
                    connection.sendall(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.folder.cleanup()


class ValueTests(unittest.TestCase):
    def test_flags_are_those_of_pymemcache(self):
        self.assertEqual(encode(b"x"), (0, b"x"))
        self.assertEqual(encode("ü"), (TEXT, "ü".encode()))
        self.assertEqual(encode(-5), (INTEGER, b"-5"))
        for value in (True, None, 1.5, [1], bytearray(b"x")):
            flags, data = encode(value)
            self.assertEqual((flags, decode(flags, data)), (PICKLE, value))

    def test_what_pymemcache_compresses_is_read(self):
        import zlib

        self.assertEqual(decode(8 | TEXT, zlib.compress(b"text")), "text")
        self.assertEqual(decode(4, b"7"), 7)

    def test_keys(self):
        self.assertEqual(encode_key("ü" * 125), ("ü" * 125).encode())
        self.assertEqual(encode_key(b"\xff"), b"\xff")
        for key in ("", "a b", "a\r\nflush_all", "\x00", "\x7f", "k" * 251):
            with self.assertRaises(ValueError):
                encode_key(key)

    def test_times(self):
        self.assertEqual([expiration(ttl) for ttl in (None, 1, 1.5, 0.001, 0, -3, 2592000)], [b"0", b"1", b"2", b"1", b"-1", b"-1", b"2592000"])
        self.assertAlmostEqual(int(expiration(2592001)), time.time() + 2592001, delta=60)


class ConnectionTests(unittest.TestCase):
    def test_a_connection_is_used_again(self):
        with Server(b"END\r\n", b"VALUE a 16 1\r\nx\r\nEND\r\n", b"OK\r\n") as server:
            own = cache.Cache(server.address)
            self.assertEqual((own.get("a"), own.get("a"), own.clear()), (None, "x", None))
            own.close()
            self.assertEqual((server.connections, server.asked), (1, [b"get a\r\n", b"get a\r\n", b"flush_all\r\n"]))

    def test_each_thread_has_its_own(self):
        with Server(b"END\r\n", b"END\r\n") as server:
            own = cache.Cache(server.address)
            own.get("a")
            own.close()
            thread = threading.Thread(target=lambda: (own.get("a"), own.close()))
            thread.start()
            thread.join()
            self.assertEqual(server.connections, 2)

    def test_what_may_be_done_twice_is_asked_again(self):
        with Server(b"END\r\n", None, b"END\r\n") as server:
            own = cache.Cache(server.address)
            own.get("a")
            self.assertEqual(own.get("a", 7), 7)
            own.close()
            self.assertEqual(server.connections, 2)

    def test_what_may_not_be_done_twice_fails(self):
        with Server(b"END\r\n", None) as server:
            own = cache.Cache(server.address)
            own.get("a")
            with self.assertRaises(cache.CacheError):
                own.incr("a")
            own.close()
            self.assertEqual((server.connections, server.asked[1:]), (1, [b"incr a +1\r\n"]))

    def test_a_server_that_has_gone_is_looked_for_again(self):
        with Server(b"END\r\n", b"5\r\n") as server:
            own = cache.Cache(server.address)
            own.get("a")
            # As it is for this end when the server closes while nothing is asked.
            own._local.connection._socket.shutdown(socket.SHUT_RDWR)
            self.assertEqual(own.incr("a"), 5)
            own.close()
            self.assertEqual(server.connections, 2)

    def test_errors_are_told(self):
        with Server(b"SERVER_ERROR out of memory\r\n", b"CLIENT_ERROR no number\r\n", b"nonsense\r\n", b"nonsense\r\n") as server:
            own = cache.Cache(server.address)
            with self.assertRaisesRegex(cache.CacheError, "out of memory"):
                own.get("a")
            with self.assertRaisesRegex(ValueError, "no number"):
                own.incr("a")
            with self.assertRaisesRegex(cache.CacheError, "no answer of a cache"):
                own.get("a")
            own.close()

    def test_nobody_waits_for_ever(self):
        with socket.socket(socket.AF_UNIX) as listener, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cache")
            listener.bind(path)
            listener.listen(1)
            with self.assertRaises(cache.CacheError):
                cache.Cache("unix:" + path, timeout=0.05).get("a")

    def test_counting_ends_if_nothing_is_kept(self):
        # The line of data is a line too.
        with Server(b"NOT_FOUND\r\n", b"", b"NOT_STORED\r\n", b"END\r\n") as server:
            own = cache.Cache(server.address)
            self.assertIsNone(own.incr("a", initial=1))
            own.close()

    def test_without_a_server_it_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch("darter._publish_http._folders", lambda: [folder]):
            with mock.patch.dict(os.environ):
                os.environ.pop("DARTER_VALUES", None)
                with self.assertRaisesRegex(cache.CacheError, "darter run"):
                    cache.get("a")
                with self.assertRaisesRegex(cache.CacheError, "write unix:PATH or HOST:PORT"):
                    cache.Cache("somewhere").get("a")


if __name__ == "__main__":
    unittest.main()
