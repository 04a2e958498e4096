"""Tests of the hosting of Tornado's applications: WebSockets."""

from __future__ import annotations

import asyncio
import logging
import unittest
from typing import Any, Awaitable, Callable, Coroutine, Dict, List, Optional

from exchanging import Exchange

try:
    import tornado
except ImportError:
    tornado = None

if tornado is not None:
    from tornado import gen, web
    from tornado.websocket import WebSocketClosedError, WebSocketHandler

    from darter._tornado import Host

    class Recorder(WebSocketHandler):
        """Echoes, and records what happens."""

        def initialize(self, events: List[Any]) -> None:
            self.events = events

        def prepare(self) -> None:
            self.set_header("X-Own", "yes")

        def select_subprotocol(self, subprotocols: List[str]) -> Optional[str]:
            self.events.append(list(subprotocols))
            return subprotocols[-1] if subprotocols else None

        def open(self, *arguments: str) -> None:
            self.events.append(("open", arguments))

        def on_message(self, message: Any) -> Optional[Awaitable[None]]:
            self.events.append(message)
            return self.write_message(message, binary=isinstance(message, bytes))

        def on_pong(self, data: bytes) -> None:
            self.events.append(("pong", data))

        def on_close(self) -> None:
            self.events.append(("closed", self.close_code, self.close_reason))


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))


async def turns() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


@unittest.skipIf(tornado is None, "there is no Tornado")
class WebSocketTests(unittest.TestCase):
    def setUp(self) -> None:
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.events: List[Any] = []

    def exchange(self, handler: Any, *messages: Dict[str, Any], **more: Any) -> Exchange:
        """Runs a WebSocket on which these messages come."""
        found: List[Exchange] = []

        async def test() -> None:
            one = self.new(**more)
            for message in messages:
                one.give(**message)
            await self.serve(handler, one)
            await turns()
            found.append(one)

        run(test)
        return found[0]

    @staticmethod
    def new(**more: Any) -> Exchange:
        more.setdefault("headers", {})
        headers = dict({"Sec-WebSocket-Version": "13"}, **more.pop("headers"))
        one = Exchange("websocket", headers=headers, **more)
        one.give(type_="websocket.connect")
        return one

    async def serve(self, handler: Any, one: Exchange) -> None:
        application = web.Application([("/(.*)", handler, {"events": self.events})], login_url="/login")
        await Host(application)(one.scope, one.receive, one.send)

    def test_whole_life(self) -> None:
        done = self.exchange(
            Recorder,
            {"type_": "websocket.receive", "text": "gr\u00fc\u00dfe"},
            {"type_": "websocket.receive", "bytes": b"\0\xff"},
            {"type_": "websocket.disconnect", "code": 4001, "reason": "bye"},
            target="/room",
            subprotocols=["a", "b"],
        )
        self.assertEqual([["a", "b"], ("open", ("room",)), "gr\u00fc\u00dfe", b"\0\xff", ("closed", 4001, "bye")], self.events)
        accept, text, data = done.sent
        self.assertEqual(("websocket.accept", "b"), (accept["type"], accept["subprotocol"]))
        names = {name for name, _ in accept["headers"]}
        self.assertIn(b"x-own", names)
        self.assertFalse(names & {b"content-type", b"content-length", b"sec-websocket-protocol", b"upgrade"})
        self.assertEqual(("gr\u00fc\u00dfe", b"\0\xff"), (text["text"], data["bytes"]))

    def test_code_that_was_not_given_is_none(self) -> None:
        for code in (1005, 1006):
            self.exchange(Recorder, {"type_": "websocket.disconnect", "code": code})
            self.assertEqual(("closed", None, None), self.events[-1])

    def test_foreign_origin_is_denied(self) -> None:
        done = self.exchange(Recorder, headers={"Origin": "http://elsewhere"})
        self.assertEqual((403, b"Cross origin websockets not allowed"), (done.status, done.body))
        self.assertEqual("websocket.http.response.start", done.sent[0]["type"])
        done = self.exchange(Recorder, {"type_": "websocket.disconnect", "code": 1000}, headers={"Origin": "http://example.com"})
        self.assertEqual("websocket.accept", done.sent[0]["type"])

    def test_handler_may_deny(self) -> None:
        class Private(Recorder):
            @web.authenticated
            async def get(self, *arguments: str) -> None:
                await super().get(*arguments)

        done = self.exchange(Private)
        self.assertEqual((302, "/login?next=%2F"), (done.status, done.headers["location"]))

        class Refusing(Recorder):
            async def prepare(self) -> None:
                raise web.HTTPError(401)

        self.assertEqual(401, self.exchange(Refusing).status)

    def test_ordinary_handler_answers(self) -> None:
        class Plain(web.RequestHandler):
            def initialize(self, events: List[Any]) -> None:
                pass

            def get(self, path: str) -> None:
                self.write("no WebSocket")

        done = self.exchange(Plain)
        self.assertEqual((200, b"no WebSocket"), (done.status, done.body))

    def test_request_without_upgrade_is_tornados_error(self) -> None:
        async def test() -> None:
            one = Exchange()
            one.give_body()
            await self.serve(Recorder, one)
            self.assertEqual((400, b'Can "Upgrade" only to "WebSocket".'), (one.status, one.body))

        run(test)

    def test_one_message_at_a_time(self) -> None:
        release: List[asyncio.Event] = []
        events = self.events

        class Slow(Recorder):
            async def on_message(self, message: Any) -> None:
                events.append(message)
                await release[0].wait()

        async def test() -> None:
            release.append(asyncio.Event())
            one = self.new()
            for text in ("1", "2"):
                one.give(type_="websocket.receive", text=text)
            task = asyncio.ensure_future(self.serve(Slow, one))
            await turns()
            self.assertEqual("1", events[-1])
            release[0].set()
            await turns()
            self.assertEqual("2", events[-1])
            one.give(type_="websocket.disconnect", code=1000)
            await task

        run(test)

    def test_handler_may_be_of_older_coroutines(self) -> None:
        class Old(Recorder):
            @gen.coroutine
            def on_message(self, message: Any) -> Any:
                yield gen.sleep(0)
                yield self.write_message({"got": message})

        done = self.exchange(Old, {"type_": "websocket.receive", "text": "x"}, {"type_": "websocket.disconnect", "code": 1000})
        self.assertEqual('{"got": "x"}', done.sent[1]["text"])

    def test_handler_closes(self) -> None:
        class Closing(Recorder):
            def on_message(self, message: Any) -> None:
                self.close(4002, "enough")
                try:
                    self.write_message("more")
                except WebSocketClosedError:
                    self.events.append("closed already")

        done = self.exchange(Closing, {"type_": "websocket.receive", "text": "x"})
        self.assertEqual({"type": "websocket.close", "code": 4002, "reason": "enough"}, done.sent[-1])
        self.assertEqual(["closed already", ("closed", 4002, "enough")], self.events[-2:])

    def test_exceptions_close(self) -> None:
        for kind in ("sync", "async"):

            class Failing(Recorder):
                if kind == "sync":

                    def on_message(self, message: Any) -> None:
                        raise ValueError
                else:

                    async def on_message(self, message: Any) -> None:
                        raise ValueError

            done = self.exchange(Failing, {"type_": "websocket.receive", "text": "x"})
            self.assertEqual(1011, done.sent[-1]["code"])
            self.assertEqual("closed", self.events[-1][0])

    def test_exception_of_open_closes(self) -> None:
        class Failing(Recorder):
            def open(self, *arguments: str) -> None:
                raise ValueError

        self.assertEqual(1011, self.exchange(Failing).sent[-1]["code"])

    def test_exception_before_it_is_open_is_an_error(self) -> None:
        class Failing(Recorder):
            def select_subprotocol(self, subprotocols: List[str]) -> Optional[str]:
                raise ValueError

        self.assertEqual(500, self.exchange(Failing).status)

    def test_message_that_is_too_big(self) -> None:
        class Small(Recorder):
            max_message_size = 4

        done = self.exchange(
            Small, {"type_": "websocket.receive", "text": "\u00e4\u00e4"}, {"type_": "websocket.receive", "text": "\u00e4\u00e4."}
        )
        self.assertEqual(["websocket.accept", "websocket.send", "websocket.close"], [message["type"] for message in done.sent])
        self.assertEqual(1009, done.sent[-1]["code"])

    def test_writing_waits_for_the_client(self) -> None:
        class Flood(Recorder):
            async def open(self, *arguments: str) -> None:
                await self.write_message("x")
                self.events.append("through")

        async def test() -> None:
            one = self.new()
            one.window = asyncio.Event()
            task = asyncio.ensure_future(self.serve(Flood, one))
            await turns()
            self.assertNotIn("through", self.events)
            one.window.set()
            await turns()
            self.assertIn("through", self.events)
            one.give(type_="websocket.disconnect", code=1000)
            await task

        run(test)

    def test_writing_to_a_client_that_is_gone(self) -> None:
        class Late(Recorder):
            async def on_message(self, message: Any) -> None:
                try:
                    await self.write_message("x")
                except WebSocketClosedError:
                    self.events.append("gone")

        async def test() -> None:
            one = self.new()
            task = asyncio.ensure_future(self.serve(Late, one))
            await turns()
            one.is_gone = True
            one.give(type_="websocket.receive", text="x")
            one.give(type_="websocket.disconnect", code=1006)
            await task
            self.assertEqual(["gone", ("closed", None, None)], self.events[-2:])

        run(test)

    def test_pings(self) -> None:
        class Pinging(Recorder):
            def open(self, *arguments: str) -> None:
                self.ping(b"are you there")
                try:
                    self.ping(b"x" * 126)
                except ValueError:
                    self.events.append("too long")

        done = self.exchange(Pinging, {"type_": "websocket.pong", "bytes": b"are you there"}, {"type_": "websocket.disconnect", "code": 1000})
        self.assertEqual({"type": "websocket.ping", "bytes": b"are you there"}, done.sent[1])
        self.assertEqual(["too long", ("pong", b"are you there"), ("closed", 1000, None)], self.events[-3:])

    def test_pings_of_the_client(self) -> None:
        class Counting(Recorder):
            def on_ping(self, data: bytes) -> None:
                self.events.append(("ping", data))

        ending = {"type_": "websocket.disconnect", "code": 1000}
        done = self.exchange(Counting, {"type_": "websocket.ping", "bytes": b"there?"}, ending)
        self.assertTrue(done.sent[0]["pings"])
        self.assertEqual(("ping", b"there?"), self.events[-2])
        self.assertEqual(["websocket.accept"], [message["type"] for message in done.sent])
        self.assertFalse(self.exchange(Recorder, ending).sent[0]["pings"])

    def test_detach_is_an_error(self) -> None:
        class Early(Recorder):
            def get(self, *arguments: str) -> None:
                self.detach()

        class Late(Recorder):
            def open(self, *arguments: str) -> None:
                self.detach()

        self.assertEqual(501, self.exchange(Early).status)
        done = self.exchange(Late)
        self.assertEqual(("websocket.close", 1011), (done.sent[-1]["type"], done.sent[-1]["code"]))

    def test_methods_of_requests_are_refused(self) -> None:
        class Confused(Recorder):
            def open(self, *arguments: str) -> None:
                try:
                    self.write("x")
                except RuntimeError as error:
                    self.events.append(str(error))

        self.exchange(Confused, {"type_": "websocket.disconnect", "code": 1000})
        self.assertIn("Method not supported for Web Sockets", self.events)

    def test_class_is_left_alone(self) -> None:
        before = dict(vars(WebSocketHandler)), dict(vars(Recorder))
        self.exchange(Recorder, {"type_": "websocket.disconnect", "code": 1000})
        self.assertEqual(before, (dict(vars(WebSocketHandler)), dict(vars(Recorder))))


if __name__ == "__main__":
    unittest.main()
