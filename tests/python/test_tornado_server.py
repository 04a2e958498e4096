"""Tests of the hosting of Tornado's applications: what an ``HTTPServer`` that is the target was told."""

from __future__ import annotations

import asyncio
import gzip
import logging
import unittest
from typing import Any, Dict, List

from exchanging import Exchange

try:
    import tornado
except ImportError:
    tornado = None

if tornado is not None:
    from tornado import web
    from tornado.httpserver import HTTPServer
    from tornado.websocket import WebSocketHandler

    from darter._tornado import Host, host

    class Taking(web.RequestHandler):
        def get(self) -> None:
            self.write({"protocol": self.request.protocol, "ip": self.request.remote_ip})

        def post(self) -> None:
            headers = self.request.headers
            self.set_header("X-Codings", "{}/{}".format(headers.get("Content-Encoding"), headers.get("X-Consumed-Content-Encoding")))
            self.write(self.request.body)

    @web.stream_request_body
    class Pieces(web.RequestHandler):
        sizes: List[int] = []

        def prepare(self) -> None:
            limit = self.get_query_argument("limit", "")
            if limit:
                self.request.connection.set_max_body_size(int(limit))

        async def data_received(self, chunk: bytes) -> None:
            await asyncio.sleep(0)
            self.sizes.append(len(chunk))

        def post(self) -> None:
            self.write(str(sum(self.sizes)))


class Channel:
    """What is logged."""

    def __init__(self) -> None:
        self.lines: List[str] = []

    def log(self, level: int, text: str) -> None:
        self.lines.append(text)


@unittest.skipIf(tornado is None, "there is no Tornado")
class ServerTests(unittest.TestCase):
    def setUp(self) -> None:
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)
        if tornado is not None:
            Pieces.sizes = []

    def post(self, body: bytes, target: str = "/", headers: Any = None, piece: int = 1000, **settings: Any) -> Exchange:
        """Sends a body to a server with these settings."""
        done = Exchange(method="POST", target=target, headers=headers)

        async def test() -> None:
            done.give_body(*(body[at : at + piece] for at in range(0, len(body), piece)))
            await Host(self.server(**settings))(done.scope, done.receive, done.send)

        asyncio.run(asyncio.wait_for(test(), 30))
        return done

    @staticmethod
    def server(**settings: Any) -> Any:
        return HTTPServer(web.Application([("/pieces", Pieces), ("/.*", Taking)]), **settings)

    def compressed(self, body: bytes, **more: Any) -> Exchange:
        more.setdefault("decompress_request", True)
        return self.post(body, headers={"Content-Encoding": "gzip"}, **more)

    def test_body_is_decompressed(self) -> None:
        body = bytes(range(256)) * 5000
        done = self.compressed(gzip.compress(body))
        self.assertEqual((200, body, "None/gzip"), (done.status, done.body, done.headers["x-codings"]))

    def test_body_of_several_members_is_decompressed(self) -> None:
        packed = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
        for piece in (1, 7, 1000):
            self.assertEqual(b"one two", self.compressed(packed, piece=piece).body)

    def test_body_that_is_not_compressed_or_not_to_be_decompressed_is_left(self) -> None:
        self.assertEqual(b"plain", self.post(b"plain", decompress_request=True).body)
        packed = gzip.compress(b"x")
        self.assertEqual(packed, self.compressed(packed, decompress_request=False).body)
        self.assertEqual(b"", self.compressed(b"").body)

    def test_body_that_is_broken_is_a_bad_request(self) -> None:
        packed = gzip.compress(bytes(1000))
        for body in (b"no gzip", packed[:-3], packed[:-8] + bytes(4) + packed[-4:], packed + b"behind"):
            self.assertEqual(400, self.compressed(body).status, body)

    def test_body_that_grows_too_large_is_a_bad_request(self) -> None:
        packed = gzip.compress(bytes(100_000))
        self.assertEqual(200, self.compressed(packed, max_body_size=100_000).status)
        self.assertEqual(400, self.compressed(packed, max_body_size=99_999).status)
        self.assertEqual(400, self.compressed(packed, target="/pieces?limit=99999").status)

    def test_pieces_are_of_the_servers_size(self) -> None:
        self.assertEqual(b"100000", self.compressed(gzip.compress(bytes(100_000)), target="/pieces", chunk_size=1024).body)
        self.assertLessEqual(max(Pieces.sizes), 1024)

    def test_limits_count(self) -> None:
        for settings in ({"max_body_size": 10}, {"max_buffer_size": 10}):
            self.assertEqual(200, self.post(bytes(10), **settings).status)
            self.assertEqual(400, self.post(bytes(11), **settings).status)

    def test_timeout_of_a_body_counts(self) -> None:
        done = Exchange(method="POST")

        async def test() -> None:
            await Host(self.server(body_timeout=0.001))(done.scope, done.receive, done.send)

        asyncio.run(asyncio.wait_for(test(), 30))
        self.assertEqual(408, done.status)

    def test_connection_is_as_it_is_told(self) -> None:
        done = Exchange()

        async def test() -> None:
            done.give_body()
            await Host(self.server(no_keep_alive=True, protocol="https"))(done.scope, done.receive, done.send)

        asyncio.run(asyncio.wait_for(test(), 30))
        self.assertEqual(("close", b'{"protocol": "https", "ip": "192.0.2.7"}'), (done.headers["connection"], done.body))

    def test_protocol_counts_for_websockets_too(self) -> None:
        class Socket(WebSocketHandler):
            def open(self) -> None:
                self.write_message(self.request.protocol)

        done = Exchange("websocket", headers={"Sec-WebSocket-Version": "13"})
        done.give(type_="websocket.connect")
        done.give(type_="websocket.disconnect", code=1000)

        async def test() -> None:
            server = HTTPServer(web.Application([("/", Socket)]), protocol="https", no_keep_alive=True)
            await Host(server)(done.scope, done.receive, done.send)

        asyncio.run(asyncio.wait_for(test(), 30))
        self.assertEqual(["websocket.accept", "websocket.send"], [message["type"] for message in done.sent])
        self.assertNotIn(b"connection", dict(done.sent[0]["headers"]))
        self.assertEqual("https", done.sent[1]["text"])

    def test_what_does_not_count_is_said(self) -> None:
        def said(settings: Dict[str, Any]) -> str:
            channel = Channel()
            asyncio.set_event_loop(None)
            host(self.server(**settings), {}, channel, False)  # type: ignore[arg-type]
            return "\n".join(channel.lines)

        self.assertEqual("", said({"decompress_request": True, "max_body_size": 5, "body_timeout": 3, "no_keep_alive": True}))
        for settings, name in (
            ({"xheaders": True}, "--forwarded-allow-ips"),
            ({"trusted_downstream": ["192.0.2.1"]}, "--forwarded-allow-ips"),
            ({"ssl_options": {"certfile": __file__}}, "--certfile"),
            ({"max_header_size": 1000}, "--limit-request-field-size"),
            ({"idle_connection_timeout": 10}, "--keep-alive"),
        ):
            self.assertIn(name, said(settings))


if __name__ == "__main__":
    unittest.main()
