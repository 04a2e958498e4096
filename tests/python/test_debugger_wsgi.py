"""The debugger around a WSGI application."""

from __future__ import annotations

import io
import tempfile
import unittest
from typing import Any

from debugging import HTML, DebuggerTest, call_wsgi, raising

from darter import ClientDisconnected, FileWrapper
from darter.debugger import Debugger


def hello(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


class FormTests(DebuggerTest):
    def answer(self, method: str = "GET", **headers: str) -> Any:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        response = call_wsgi(Debugger().wsgi(raising(ValueError("no such shop"))), method=method, headers=fields)
        self.assertEqual(500, response.status)
        self.assertEqual("no-store", response.header("Cache-Control"))
        self.assertEqual(str(len(response.body)) if method != "HEAD" else response.header("Content-Length"), response.header("Content-Length"))
        return response

    def test_a_browser_gets_a_page_under_a_strict_policy(self) -> None:
        response = self.answer(**HTML)
        self.assertEqual("text/html; charset=utf-8", response.header("Content-Type"))
        self.assertIn("no such shop", response.text)
        policy = response.header("Content-Security-Policy")
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        nonce = policy.partition("style-src 'nonce-")[2].partition("'")[0]
        self.assertIn('<script nonce="{}">'.format(nonce), response.text)
        self.assertNotIn(nonce, self.answer(**HTML).header("Content-Security-Policy"))

    def test_nothing_in_the_page_comes_from_elsewhere(self) -> None:
        text = self.answer(**HTML).text
        for forbidden in ("http://", "https://", "src=", "@import", " style=", "onclick"):
            self.assertNotIn(forbidden, text)

    def test_others_get_the_traceback_as_text(self) -> None:
        for headers in ({}, {"Accept": "*/*"}, {"Accept": "text/plain"}, {"Accept": "text/html;q=0, */*"}):
            response = self.answer(**headers)
            self.assertEqual("text/plain; charset=utf-8", response.header("Content-Type"))
            self.assertTrue(response.text.startswith("Traceback (most recent call last):\n"), response.text)
            self.assertTrue(response.text.endswith("ValueError: no such shop\n"))
            self.assertNotIn("/darter/", response.text)

    def test_clients_of_json_get_an_object(self) -> None:
        for headers in (
            {"Accept": "application/json"},
            {"Accept": "application/problem+json, */*;q=0.1"},
            {"Content-Type": "application/json; charset=utf-8", "Accept": "*/*"},
            {"Content-Type": "application/vnd.api+json"},
            {"X-Requested-With": "XMLHttpRequest", "Accept": "text/html"},
        ):
            response = self.answer(**headers)
            self.assertEqual("application/json", response.header("Content-Type"))
            self.assertEqual({"type", "message", "traceback"}, set(response.json))
            self.assertEqual(("ValueError", "no such shop"), (response.json["type"], response.json["message"]))
            self.assertIn("raise error", response.json["traceback"])

    def test_head_has_no_body_but_its_length(self) -> None:
        response = self.answer("HEAD", **HTML)
        self.assertEqual(b"", response.body)
        self.assertGreater(int(response.header("Content-Length")), 1000)

    def test_the_traceback_is_logged_once_with_the_request(self) -> None:
        for headers in (HTML, {}):
            log = self.answer(**headers).log
            self.assertEqual(1, log.count("ValueError: no such shop"))
            self.assertTrue(log.startswith("darter: exception in GET /\nTraceback (most recent call last):\n"), log)
            self.assertNotIn("/darter/debugger/", log)

    def test_under_a_name_of_another_site_nothing_is_shown(self) -> None:
        for form in (HTML, {}, {"Accept": "application/json"}):
            response = self.answer(**dict(form, Host="rebound.example:8000"))
            self.assertEqual("text/plain; charset=utf-8", response.header("Content-Type"))
            self.assertNotIn("no such shop", response.text)
            self.assertIn("no such shop", response.log)

    def test_own_names_and_addresses_are_shown_it(self) -> None:
        for host in ("localhost", "shop.localhost:80", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7:8000", "[fe80::1]"):
            self.assertIn("no such shop", self.answer(Host=host).text)
        known = Debugger(hosts=["dev.example"]).wsgi(raising(ValueError("no such shop")))
        self.assertIn("no such shop", call_wsgi(known, headers={"Host": "Dev.Example:8000"}).text)


class ApplicationTests(DebuggerTest):
    def test_what_does_not_fail_passes_as_it_is(self) -> None:
        result = [b"hello"]
        for value in (result, (b"a", b"b"), []):
            wrapped = Debugger().wsgi(lambda environ, start_response, value=value: (start_response("200 OK", []), value)[1])
            response = call_wsgi(wrapped)
            self.assertIs(value, response.result)
            self.assertEqual((200, b"".join(value), ""), (response.status, response.body, response.log))

    def test_the_environ_and_start_response_are_the_servers(self) -> None:
        seen = {}

        def application(environ: Any, start_response: Any) -> Any:
            seen["start_response"], seen["environ"] = start_response, environ
            return hello(environ, start_response)

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            return None

        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "darter.early_hints": object()}
        Debugger().wsgi(application)(environ, start)
        self.assertIs(start, seen["start_response"])
        self.assertIs(environ, seen["environ"])
        self.assertEqual({"REQUEST_METHOD", "PATH_INFO", "darter.early_hints"}, set(environ))

    def test_a_file_on_the_disk_is_left_to_the_server(self) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(b"content")
            file.seek(0)

            def application(environ: Any, start_response: Any) -> Any:
                start_response("200 OK", [])
                return environ["wsgi.file_wrapper"](file)

            response = call_wsgi(Debugger().wsgi(application))
        self.assertIs(FileWrapper, type(response.result))
        self.assertEqual(b"content", response.body)

    def test_a_file_that_is_read_may_fail(self) -> None:
        class Broken(io.RawIOBase):
            def read(self, size: int = -1) -> bytes:
                raise OSError("the tape is torn")

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return environ["wsgi.file_wrapper"](Broken())

        self.assertIn("the tape is torn", call_wsgi(Debugger().wsgi(application)).text)

    def test_an_exception_after_start_response_has_the_page(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("Content-Type", "image/png")])
            raise ValueError("too late")

        response = call_wsgi(Debugger().wsgi(application), headers=HTML)
        self.assertEqual((500, None), (response.status, response.error))
        self.assertIn("too late", response.text)

    def test_an_exception_of_the_iterable_before_its_first_piece_has_the_page(self) -> None:
        closed = []

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            try:
                yield b""
                raise ValueError("in the generator")
            finally:
                closed.append(True)

        response = call_wsgi(Debugger().wsgi(application))
        self.assertEqual(500, response.status)
        self.assertIn("in the generator", response.text)
        self.assertEqual(1, response.log.count("ValueError: in the generator"))
        self.assertEqual([True], closed)

    def test_an_exception_amid_the_body_is_left_to_the_server(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            yield b"begun"
            raise ValueError("amid")

        response = call_wsgi(Debugger().wsgi(application), headers=HTML)
        self.assertEqual((200, b"begun", ""), (response.status, response.body, response.log))
        self.assertIsInstance(response.error, ValueError)

    def test_an_exception_after_write_is_left_to_the_server(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])(b"begun")
            raise ValueError("amid")

        response = call_wsgi(Debugger().wsgi(application), headers=HTML)
        self.assertEqual((200, b"begun", ""), (response.status, response.body, response.log))
        self.assertEqual("amid", str(response.error))

    def test_an_iterable_keeps_its_length_and_its_close(self) -> None:
        class Body:
            closed = False

            def __len__(self) -> int:
                return 1

            def __iter__(self) -> Any:
                return iter([b"one"])

            def close(self) -> None:
                self.closed = True

        body = Body()

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return body

        response = call_wsgi(Debugger().wsgi(application))
        self.assertEqual((1, b"one", True), (len(response.result), response.body, body.closed))
        generator = call_wsgi(Debugger().wsgi(lambda environ, start_response: (start_response("200 OK", []), iter([b"x"]))[1]))
        self.assertFalse(hasattr(generator.result, "__len__"))

    def test_an_exception_of_close_is_the_servers(self) -> None:
        class Body:
            def __iter__(self) -> Any:
                return iter([b"one"])

            def close(self) -> None:
                raise ValueError("cannot close")

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return Body()

        with self.assertRaisesRegex(ValueError, "cannot close"):
            call_wsgi(Debugger().wsgi(application))

    def test_what_is_no_body_is_explained(self) -> None:
        for wrong, words in ((["text"], "must be bytes, not str"), (None, "is not iterable"), (iter(["text"]), "must be bytes, not str")):
            response = call_wsgi(Debugger().wsgi(lambda environ, start_response, wrong=wrong: (start_response("200 OK", []), wrong)[1]))
            self.assertEqual(500, response.status)
            self.assertIn(words, response.text)

    def test_a_client_that_left_and_an_exit_are_no_exceptions_to_show(self) -> None:
        error = ClientDisconnected("gone")
        response = call_wsgi(Debugger().wsgi(raising(error)))
        self.assertIs(error, response.error)
        self.assertEqual((0, ""), (response.status, response.log))
        for kind in (SystemExit, KeyboardInterrupt):
            with self.assertRaises(kind):
                call_wsgi(Debugger().wsgi(raising(kind())))


if __name__ == "__main__":
    unittest.main()
