"""The debugger around an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import io
import sys
import unittest
from typing import Any, Dict, List

from debugging import HTML, DebuggerTest, call_asgi, run_asgi, text_of

from darter._asgi import ClientDisconnected
from darter.debugger import Debugger


def start(status: int, kind: str = "text/plain; charset=utf-8", **more: Any) -> Dict[str, Any]:
    return dict({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]}, **more)


def body(data: bytes, more_body: bool = False) -> Dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more_body}


def sending(*messages: Dict[str, Any], then: Any = None) -> Any:
    """An application that sends these, then raises or not."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        if then is not None:
            raise then

    return application


class PageTests(DebuggerTest):
    def test_an_exception_has_the_page_and_is_logged_once(self) -> None:
        response = call_asgi(Debugger().asgi(sending(then=ValueError("no such shop"))), target="/a?b=c", headers=HTML)
        self.assertEqual((500, None), (response.status, response.error))
        self.assertIn("no such shop", response.text)
        self.assertEqual("text/html; charset=utf-8", response.header("content-type"))
        self.assertEqual(1, response.log.count("ValueError: no such shop"))
        self.assertTrue(response.log.startswith("darter: exception in GET /a?b=c\nTraceback"), response.log)
        self.assertNotIn("/darter/debugger/", response.log)

    def test_others_get_text_or_json(self) -> None:
        application = Debugger().asgi(sending(then=ValueError("no such shop")))
        self.assertTrue(call_asgi(application).text.startswith("Traceback"))
        self.assertEqual("no such shop", call_asgi(application, headers={"Accept": "application/json"}).json["message"])
        self.assertEqual(b"", call_asgi(application, method="HEAD", headers=HTML).body)

    def test_a_plain_500_before_the_exception_is_replaced(self) -> None:
        for messages in ([start(500), body(b"Internal Server Error")], [start(500)], [start(500, "application/json"), body(b'{"error": 1}')]):
            response = call_asgi(Debugger().asgi(sending(*messages, then=ValueError("shown"))))
            self.assertEqual((500, None), (response.status, response.error))
            self.assertIn("ValueError: shown", response.text)
            self.assertEqual(2, len(response.messages))

    def test_a_500_without_an_exception_is_sent_in_the_end(self) -> None:
        messages = [start(500), body(b"Internal Server Error")]
        self.assertEqual(messages, call_asgi(Debugger().asgi(sending(*messages))).messages)

    def test_pages_of_frameworks_and_large_ones_are_left_alone(self) -> None:
        for messages in (
            [start(500, "text/html"), body(b"<h1>Traceback</h1>")],
            [start(500), body(b"x" * 5000)],
            [start(500), body(b"a", more_body=True), body(b"b")],
            [start(500), {"type": "http.response.pathsend", "path": "/etc/hostname"}],
            [start(500, trailers=True), body(b"a"), {"type": "http.response.trailers", "headers": []}],
            [start(200), body(b"a", more_body=True)],
        ):
            error = ValueError("reported by the server")
            response = call_asgi(Debugger().asgi(sending(*messages, then=error)), headers=HTML)
            self.assertEqual(messages, response.messages)
            self.assertIs(error, response.error)
            self.assertEqual("", response.log)

    def test_other_responses_pass_at_once(self) -> None:
        seen: List[Any] = []
        messages = [{"type": "http.response.early_hint", "links": []}, start(200), body(b"a", more_body=True), body(b"b")]

        async def application(scope: Any, receive: Any, send: Any) -> None:
            for number, message in enumerate(messages, 1):
                await send(message)
                self.assertEqual(messages[:number], seen)

        async def send(message: Any) -> None:
            seen.append(message)

        scope = {"type": "http", "path": "/", "headers": []}
        asyncio.run(Debugger().asgi(application)(scope, None, send))
        self.assertEqual(messages, seen)

    def test_lifespan_and_websocket_pass_as_they_are(self) -> None:
        for kind in ("lifespan", "websocket"):
            scope, receive, send = {"type": kind, "path": "/__darter__/debugger/pin"}, object(), object()
            seen: List[Any] = []

            async def application(*arguments: Any) -> None:
                seen.extend(arguments)
                raise ValueError("the server's")

            with self.assertRaisesRegex(ValueError, "the server's"):
                asyncio.run(Debugger(pin="1").asgi(application)(scope, receive, send))
            self.assertEqual([scope, receive, send], seen)
            self.assertIs(send, seen[2])

    def test_a_client_that_left_is_no_exception_to_show(self) -> None:
        error = RuntimeError("could not send")
        error.__cause__ = ClientDisconnected("gone")
        for gone in (error, ClientDisconnected("gone")):
            response = call_asgi(Debugger().asgi(sending(then=gone)), headers=HTML)
            self.assertIs(gone, response.error)
            self.assertEqual(([], ""), (response.messages, response.log))

    def test_it_is_logged_although_the_client_leaves_meanwhile(self) -> None:
        async def send(message: Any) -> None:
            raise ClientDisconnected("gone")

        log = io.StringIO()
        with contextlib.redirect_stderr(log), self.assertRaises(ClientDisconnected):
            scope = {"type": "http", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
            asyncio.run(Debugger().asgi(sending(then=ValueError("no such shop")))(scope, None, send))
        self.assertIn("ValueError: no such shop", log.getvalue())

    def test_a_cancellation_passes(self) -> None:
        async def run() -> Any:
            async def application(scope: Any, receive: Any, send: Any) -> None:
                await send(start(500))
                await asyncio.get_running_loop().create_future()

            sent: List[Any] = []

            async def send(message: Any) -> None:
                sent.append(message)

            task = asyncio.ensure_future(Debugger().asgi(application)({"type": "http", "path": "/", "headers": []}, None, send))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            return sent

        self.assertEqual([], asyncio.run(run()))

    def test_forms_of_asgi_2_work(self) -> None:
        class Application:
            def __init__(self, scope: Any) -> None:
                pass

            async def __call__(self, receive: Any, send: Any) -> None:
                raise ValueError("double")

        self.assertIn("double", call_asgi(Debugger().asgi(Application)).text)

    @unittest.skipIf(sys.version_info < (3, 11), "groups came with Python 3.11")
    def test_a_group_of_exceptions_has_the_page(self) -> None:
        group = eval("ExceptionGroup('unhandled errors in a TaskGroup', [ValueError('inside')])")
        response = call_asgi(Debugger().asgi(sending(then=group)), headers=HTML)
        self.assertIn("inside", response.text)

    def test_frames_are_those_of_the_application(self) -> None:
        async def run() -> Any:
            async def view() -> None:
                table = 12
                await asyncio.sleep(0)
                raise ValueError(table)

            async def application(scope: Any, receive: Any, send: Any) -> None:
                await view()

            return await run_asgi(Debugger().asgi(application), headers=HTML)

        text = asyncio.run(run()).text
        self.assertIn("table", text)
        self.assertLess(text.index("view</b>"), text.index("application</b>"))


class StarletteTests(DebuggerTest):
    def setUp(self) -> None:
        try:
            import starlette.applications  # noqa: F401
        except ImportError:
            self.skipTest("Starlette is not installed for this interpreter")

    def application(self, **options: Any) -> Any:
        from starlette.applications import Starlette
        from starlette.routing import Route

        def fail(request: Any) -> None:
            shop = "tea"
            raise ValueError("from " + shop)

        return Debugger().asgi(Starlette(routes=[Route("/", fail)], **options))

    def test_its_exceptions_have_the_page(self) -> None:
        response = call_asgi(self.application(), headers=HTML)
        self.assertIsNone(response.error)
        self.assertIn("from tea", response.text)
        self.assertRegex(text_of(response.text), r"\d+ frames in (\w+, )*starlette")
        self.assertEqual(1, response.log.count("ValueError: from tea"))

    def test_its_own_debug_page_is_left_alone(self) -> None:
        response = call_asgi(self.application(debug=True), headers=HTML)
        self.assertIsInstance(response.error, ValueError)
        self.assertIn("500 Server Error", response.text)


class FlaskTests(DebuggerTest):
    def test_an_application_in_debug_mode_has_the_page(self) -> None:
        try:
            import flask
        except ImportError:
            self.skipTest("Flask is not installed for this interpreter")
        from debugging import call_wsgi

        application = flask.Flask("shop")
        application.debug = True

        @application.route("/<name>")
        def shop(name: str) -> Any:
            return {}[name]

        response = call_wsgi(Debugger().wsgi(application), target="/tea", headers=HTML)
        self.assertIn("KeyError", response.text)
        self.assertRegex(text_of(response.text), r"\d+ frames in flask")


if __name__ == "__main__":
    unittest.main()
