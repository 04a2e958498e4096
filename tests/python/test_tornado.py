"""Tests of the hosting of Tornado's applications: requests."""

from __future__ import annotations

import asyncio
import logging
import unittest
from typing import Any, Callable, Coroutine, List, Optional
from unittest import mock

from exchanging import Exchange

try:
    import tornado
except ImportError:
    tornado = None

if tornado is not None:
    from tornado import httputil, process, web, wsgi
    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop
    from tornado.iostream import StreamClosedError

    from darter._tornado import Host, adopt_loop, take_part
    from darter.interface import interface_of

    class Greeting(web.RequestHandler):
        def get(self) -> None:
            self.write("hello")

        def post(self) -> None:
            self.write({"arguments": self.get_arguments("a"), "files": {name: [file.body.decode() for file in files] for name, files in self.request.files.items()}})

    def application(handler: Any = Greeting, **settings: Any) -> web.Application:
        return web.Application([("/.*", handler)], **settings)


async def until(condition: Callable[[], Any]) -> None:
    """Lets the loop turn until this is so."""
    while not condition():
        await asyncio.sleep(0)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))


@unittest.skipIf(tornado is None, "there is no Tornado")
class RequestTests(unittest.TestCase):
    def setUp(self) -> None:
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def exchange(self, application: Any, exchange: Optional[Exchange] = None, body: Optional[List[bytes]] = None, **more: Any) -> Exchange:
        """Runs an exchange to its end."""
        found: List[Exchange] = []

        async def test() -> None:
            one = exchange or Exchange(**more)
            one.give_body(*(body or []))
            await Host(application)(one.scope, one.receive, one.send)
            found.append(one)

        run(test)
        return found[0]

    def test_whole_response_is_one_message(self) -> None:
        done = self.exchange(application())
        self.assertEqual(["http.response.start", "http.response.body"], [message["type"] for message in done.sent])
        self.assertEqual((200, b"hello", "5"), (done.status, done.body, done.headers["content-length"]))

    def test_wrapped_send_keeps_the_order(self) -> None:
        class Pieces(web.RequestHandler):
            async def get(self) -> None:
                for number in range(3):
                    self.write(str(number))
                    future = self.flush()
                await future

        async def test() -> None:
            one = Exchange()
            one.is_wrapped = True
            one.give_body()
            await Host(application(Pieces))(one.scope, one.receive, one.send)
            self.assertEqual(b"012", one.body)
            self.assertFalse(one.sent[-1]["more_body"])

        run(test)

    def test_head_has_no_body(self) -> None:
        class Head(web.RequestHandler):
            def head(self) -> None:
                self.set_header("Content-Length", "99")

        done = self.exchange(application(Head), method="HEAD")
        self.assertEqual((b"", "99", 2), (done.body, done.headers["content-length"], len(done.sent)))

    def test_status_without_body(self) -> None:
        class Nothing(web.RequestHandler):
            def get(self) -> None:
                self.set_status(204)

        done = self.exchange(application(Nothing))
        self.assertEqual((204, b"", False), (done.status, done.body, done.sent[-1]["more_body"]))

    def test_etag_is_compared(self) -> None:
        tag = self.exchange(application()).headers["etag"]
        done = self.exchange(application(), headers={"If-None-Match": tag})
        self.assertEqual((304, b""), (done.status, done.body))

    def test_own_reason_is_sent(self) -> None:
        class Teapot(web.RequestHandler):
            def get(self) -> None:
                self.set_status(299, "Nearly fine")

        self.assertEqual(b"Nearly fine", self.exchange(application(Teapot)).sent[0]["reason"])
        self.assertNotIn("reason", self.exchange(application()).sent[0])

    def test_too_much_or_too_little_breaks_off(self) -> None:
        for length in ("3", "9"):

            class Wrong(web.RequestHandler):
                def get(self) -> None:
                    self.set_header("Content-Length", length)
                    self.write("hello")

            done = self.exchange(application(Wrong))
            self.assertTrue(all(message.get("more_body", True) for message in done.sent), length)

    def test_request_is_that_of_the_scope(self) -> None:
        class Request(web.RequestHandler):
            def get(self) -> None:
                request = self.request
                context = request.connection.context
                self.write(" ".join([request.method, request.uri, request.version, request.remote_ip, request.protocol, request.host, context.remote_ip]))

        target = "/a%20b/\u00e4".encode().decode("latin-1")
        done = self.exchange(application(Request), target=target + "?x=1&y", scheme="https")
        self.assertIn(b"?x=1&y HTTP/1.1 192.0.2.7 https example.com 192.0.2.7", done.body)
        done = self.exchange(application(Request), client=None, http_version="2")
        self.assertEqual(b"GET / HTTP/2.0 0.0.0.0 http example.com 0.0.0.0", done.body)

    def test_forms_are_parsed(self) -> None:
        done = self.exchange(
            application(), method="POST", body=[b"a=1&", b"a=2"], headers={"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "7"}
        )
        self.assertIn(b'["1", "2"]', done.body)
        form = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ncontent\r\n--x--\r\n'
        done = self.exchange(application(), method="POST", body=[form], headers={"Content-Type": "multipart/form-data; boundary=x"})
        self.assertIn(b'{"f": ["content"]}', done.body)

    def test_bad_request_is_answered(self) -> None:
        class Picky(httputil.HTTPServerConnectionDelegate):
            def start_request(self, server_conn: object, request_conn: Any) -> Any:
                class Message(httputil.HTTPMessageDelegate):
                    def headers_received(self, start_line: Any, headers: Any) -> None:
                        raise httputil.HTTPInputError("no")

                return Message()

        done = self.exchange(Picky())
        self.assertEqual((400, "close", b""), (done.status, done.headers["connection"], done.body))

    def test_streamed_body_waits_for_the_handler(self) -> None:
        taken: List[bytes] = []
        ready: List[asyncio.Event] = []

        @web.stream_request_body
        class Upload(web.RequestHandler):
            async def prepare(self) -> None:
                ready.append(asyncio.Event())

            async def data_received(self, chunk: bytes) -> None:
                taken.append(chunk)
                await ready[0].wait()

            def put(self) -> None:
                self.write(b"".join(taken))

        async def test() -> None:
            one = Exchange(method="PUT")
            one.give_body(b"one ", b"two")
            task = asyncio.ensure_future(Host(application(Upload))(one.scope, one.receive, one.send))
            await until(lambda: taken)
            for _ in range(20):
                await asyncio.sleep(0)
            self.assertEqual([b"one "], taken)
            ready[0].set()
            await task
            self.assertEqual(b"one two", one.body)

        run(test)

    def test_handler_may_limit_the_body(self) -> None:
        @web.stream_request_body
        class Upload(web.RequestHandler):
            def prepare(self) -> None:
                self.request.connection.set_max_body_size(4)

            def data_received(self, chunk: bytes) -> None:
                pass

        done = self.exchange(application(Upload), method="PUT", body=[b"12345"], headers={"Content-Length": "5"})
        self.assertEqual((400, "close"), (done.status, done.headers["connection"]))
        done = self.exchange(application(Upload), method="PUT", body=[b"123", b"45"], headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(400, done.status)

    def test_early_answer_ends_the_reading(self) -> None:
        told: List[str] = []

        @web.stream_request_body
        class Upload(web.RequestHandler):
            def prepare(self) -> None:
                raise web.HTTPError(403)

            def data_received(self, chunk: bytes) -> None:
                told.append("data")

            def on_connection_close(self) -> None:
                super().on_connection_close()
                told.append("closed")

        done = self.exchange(application(Upload), method="PUT", body=[b"12345"])
        self.assertEqual((403, ["closed"]), (done.status, told))

    def test_client_that_leaves_is_told(self) -> None:
        told: List[bool] = []
        waiting: List[Any] = []

        class Waiting(web.RequestHandler):
            async def get(self) -> None:
                self.future = asyncio.get_running_loop().create_future()
                waiting.append(self)
                await self.future
                try:
                    await self.flush()
                except StreamClosedError:
                    told.append(True)

            def on_connection_close(self) -> None:
                told.append(self.request.connection.stream.closed())
                self.future.set_result(None)

        async def test() -> None:
            one = Exchange()
            one.give_body()
            task = asyncio.ensure_future(Host(application(Waiting))(one.scope, one.receive, one.send))
            await until(lambda: waiting)
            one.is_gone = True
            one.give(type_="http.disconnect")
            await task
            await until(lambda: len(told) == 2)
            self.assertEqual([True, True], told)

        run(test)

    def test_client_that_has_ended_its_side_is_answered(self) -> None:
        async def test() -> None:
            one = Exchange()
            one.give_body()
            one.give(type_="http.disconnect")
            await Host(application())(one.scope, one.receive, one.send)
            self.assertEqual(b"hello", one.body)

        run(test)

    def test_flush_waits_for_the_client(self) -> None:
        sent: List[int] = []

        class Flood(web.RequestHandler):
            async def get(self) -> None:
                for number in range(3):
                    self.write("x")
                    await self.flush()
                    sent.append(number)

        async def test() -> None:
            one = Exchange()
            one.window = asyncio.Event()
            one.give_body()
            task = asyncio.ensure_future(Host(application(Flood))(one.scope, one.receive, one.send))
            for _ in range(30):
                await asyncio.sleep(0)
            self.assertEqual([], sent)
            one.window.set()
            await task
            self.assertEqual((b"xxx", [0, 1, 2]), (one.body, sent))

        run(test)

    def test_request_that_takes_too_long_is_cancelled(self) -> None:
        told: List[str] = []

        class Slow(web.RequestHandler):
            async def get(self) -> None:
                told.append("waiting")
                try:
                    await asyncio.get_running_loop().create_future()
                except asyncio.CancelledError:
                    told.append("cancelled")

        async def test() -> None:
            one = Exchange()
            one.give_body()
            task = asyncio.ensure_future(Host(application(Slow))(one.scope, one.receive, one.send))
            await until(lambda: told)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await until(lambda: len(told) == 2)
            self.assertEqual(["waiting", "cancelled"], told)

        run(test)

    def test_detach_is_refused(self) -> None:
        class Detaching(web.RequestHandler):
            def get(self) -> None:
                problems.append(None)
                try:
                    self.detach()
                except RuntimeError as error:
                    problems.append(str(error))
                    raise

        class Late(Detaching):
            async def get(self) -> None:
                self.write("x")
                await self.flush()
                super().get()

        problems: List[Any] = []
        self.assertEqual((501, b""), (self.exchange(application(Detaching)).status, b""))
        self.assertIn("belongs to the front", problems[-1])
        done = self.exchange(application(Late))
        self.assertEqual((200, b"x", True), (done.status, done.body, done.sent[-1]["more_body"]))

    def test_other_delegates_are_served(self) -> None:
        def start(environ: Any, start_response: Any) -> List[bytes]:
            start_response("200 OK", [])
            return [environ["REQUEST_METHOD"].encode(), environ["wsgi.input"].read()]

        class Delegate(httputil.HTTPServerConnectionDelegate):
            closed = 0

            def start_request(self, server_conn: object, request_conn: Any) -> Any:
                class Message(httputil.HTTPMessageDelegate):
                    def finish(self) -> None:
                        request_conn.write_headers(httputil.ResponseStartLine("", 200, "OK"), httputil.HTTPHeaders({"Content-Length": "2"}), b"ok")
                        request_conn.finish()

                return Message()

            def on_close(self, server_conn: object) -> None:
                self.closed += 1

        delegate = Delegate()
        self.assertEqual(b"ok", self.exchange(delegate).body)
        self.assertEqual(1, delegate.closed)
        self.assertEqual(b"POSTx", self.exchange(wsgi.WSGIContainer(start), method="POST", body=[b"x"]).body)
        self.assertEqual(b"", self.exchange(wsgi.WSGIContainer(start), method="HEAD").body)
        self.assertEqual(b"hello", self.exchange(HTTPServer(application(), xheaders=True), headers={"X-Real-Ip": "203.0.113.9"}).body)

    def test_kinds_are_told_apart(self) -> None:
        for value in (application(), wsgi.WSGIContainer(len), httputil.HTTPServerConnectionDelegate()):
            self.assertEqual("tornado", interface_of(value))
        self.assertEqual("wsgi", interface_of(lambda environ, start_response: []))

    def test_loop_of_the_import_is_adopted(self) -> None:
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        self.addCleanup(asyncio.set_event_loop, None)
        asyncio.set_event_loop(loop)
        self.assertIsNone(adopt_loop())
        IOLoop.current()
        self.assertIs(loop, adopt_loop())

    def test_process_has_a_number(self) -> None:
        with mock.patch.object(process, "_task_id", None):
            take_part(3)
            self.assertEqual(3, process.task_id())


if __name__ == "__main__":
    unittest.main()
