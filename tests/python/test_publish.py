"""darter.publish(): what is sent, and to whom."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import socket
import tempfile
import threading
import unittest
from unittest import mock

import darter
from darter import _publish, _publish_http
from darter._publish import item, sse


class ItemTests(unittest.TestCase):
    def test_text_is_an_event_a_response_and_a_message(self):
        made = item("room", "a\nb", id="7", event="chat", prev_id="6", meta={"sender": "ann"})
        formats = made.pop("formats")
        self.assertEqual(made, {"channel": "room", "id": "7", "prev-id": "6", "meta": {"sender": "ann"}})
        self.assertEqual(formats["http-stream"], {"content": "event: chat\nid: 7\ndata: a\ndata: b\n\n"})
        self.assertEqual(formats["http-response"]["body"], "a\nb")
        self.assertEqual(formats["http-response"]["headers"]["Message-Id"], "7")
        self.assertEqual(formats["ws-message"], {"content": "a\nb", "type": "text"})

    def test_anything_else_is_json(self):
        formats = item("room", {"a": [1]}, id="7")["formats"]
        self.assertEqual(formats["http-stream"]["content"], 'id: 7\ndata: {"a":[1]}\n\n')
        self.assertEqual(formats["http-response"]["headers"]["Content-Type"], "application/json")

    def test_bytes_are_bytes(self):
        formats = item("room", b"\xff\0", id="7", stream="raw")["formats"]
        self.assertEqual(base64.b64decode(formats["http-stream"]["content-bin"]), b"\xff\0")
        self.assertEqual(formats["ws-message"]["type"], "binary")
        with self.assertRaises(ValueError):
            item("room", b"\xff")

    def test_ids_are_made_and_differ(self):
        self.assertEqual(len({item("room", "x")["id"] for _ in range(100)}), 100)

    def test_close_and_formats(self):
        self.assertEqual(item("room", close=True)["formats"]["ws-message"], {"action": "close"})
        own = {"http-stream": {"content": "x"}}
        self.assertEqual(item("room", formats=own)["formats"], own)

    def test_lines_of_events_are_lines(self):
        self.assertEqual(sse("a\r\nb\rc"), "data: a\ndata: b\ndata: c\n\n")
        for wrong in ({"id": "a\nb"}, {"event": "a\rb"}):
            with self.assertRaises(ValueError):
                sse("x", **wrong)
        with self.assertRaises(ValueError):
            item("room", "x", stream="other")


class TokenTests(unittest.TestCase):
    def test_signature_is_that_of_hs256(self):
        for key, secret in (("secret", b"secret"), ("base64:AAE=", b"\0\1")):
            head, claims, signature = _publish_http.token(key, now=1000).split(".")
            expected = hmac.new(secret, (head + "." + claims).encode(), hashlib.sha256).digest()
            self.assertEqual(base64.urlsafe_b64decode(signature + "=="), expected)
            self.assertEqual(json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"], 1300)
            self.assertEqual(json.loads(base64.urlsafe_b64decode(head + "=="))["alg"], "HS256")


class Server:
    """Answers one request after the other, and notes them."""

    def __init__(self, listener, answer):
        self.requests = []
        self._listener = listener
        self._answer = answer
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        break
                    head += line
                if not head:
                    continue
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.requests.append((head.decode(), json.loads(stream.read(length).decode() or "null")))
                connection.sendall(self._answer)


OK = b'HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{"items": 1, "subscribers": 3}'


class CallTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "darter")
        os.mkdir(self.folder, 0o700)
        environment = {"XDG_RUNTIME_DIR": folder.name}
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)
        for name in ("DARTER_PUBLISH", "DARTER_HUB_KEY"):
            os.environ.pop(name, None)
        # No server of the machine's is to be found.
        usual = mock.patch("darter._publish_http._folders", lambda: [self.folder])
        usual.start()
        self.addCleanup(usual.stop)

    def unix(self, name="1.publish", answer=OK):
        listener = socket.socket(socket.AF_UNIX)
        path = os.path.join(self.folder, name)
        listener.bind(path)
        listener.listen(5)
        return path, Server(listener, answer)

    def test_a_worker_knows_the_server(self):
        path, server = self.unix()
        os.environ["DARTER_PUBLISH"] = "unix:" + path
        with server:
            self.assertEqual(darter.publish("room", "x", id="1"), 3)
            self.assertEqual(asyncio.run(darter.apublish("room", "y")), 3)
            self.assertEqual(darter.presence("a/b c")["subscribers"], 3)
        heads = [head.split("\r\n")[0] for head, _ in server.requests]
        self.assertEqual(heads, ["POST /publish/ HTTP/1.1", "POST /publish/ HTTP/1.1", "GET /channels/a%2Fb%20c HTTP/1.1"])
        self.assertEqual(server.requests[0][1]["items"][0]["id"], "1")

    def test_the_only_server_is_found(self):
        _, server = self.unix()
        with server:
            self.assertEqual(darter.publish("room", "x"), 3)
            _, other = self.unix("2.publish")
            with other, self.assertRaisesRegex(darter.PublishError, "several"):
                darter.publish("room", "x")

    def test_without_a_server_there_is_an_error(self):
        with self.assertRaisesRegex(darter.PublishError, "no running server"):
            darter.publish("room", "x")
        os.environ["DARTER_PUBLISH"] = "unix:" + os.path.join(self.folder, "gone")
        with self.assertRaises(OSError):
            darter.publish("room", "x")
        with self.assertRaises(darter.PublishError):
            asyncio.run(darter.apublish("room", "x"))
        with self.assertRaisesRegex(darter.PublishError, "no address"):
            darter.publish("room", "x", address="ftp://x")

    def test_a_folder_that_others_may_enter_is_not_used(self):
        _, server = self.unix()
        os.chmod(self.folder, 0o755)
        with server, self.assertRaisesRegex(darter.PublishError, "no running server"):
            darter.publish("room", "x")

    def test_over_tcp_the_key_signs(self):
        listener = socket.create_server(("127.0.0.1", 0))
        address = "http://127.0.0.1:{}/publish/".format(listener.getsockname()[1])
        os.environ["DARTER_HUB_KEY"] = "secret"
        with Server(listener, OK) as server:
            self.assertEqual(darter.publish("room", "x", address=address), 3)
        head = server.requests[0][0]
        self.assertTrue(head.startswith("POST /publish/ HTTP/1.1\r\nHost: 127.0.0.1:"))
        self.assertIn("\r\nAuthorization: Bearer ", head)

    def test_errors_carry_status_and_reason(self):
        refused = b'HTTP/1.1 400 Bad Request\r\n\r\n{"error": "items[0] has no channel"}'
        for answer, status, text in ((refused, 400, "no channel"), (b"HTTP/1.1 502 X\r\n\r\n<html>", 502, "html"), (b"", 0, "not answered")):
            path, server = self.unix(str(status), answer)
            with server, self.assertRaisesRegex(darter.PublishError, text) as caught:
                _publish.publish("room", "x", address="unix:" + path)
            self.assertEqual(caught.exception.status, status)


if __name__ == "__main__":
    unittest.main()
