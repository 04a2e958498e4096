"""Gunicorn's server hooks, without a server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Tuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from darter._hooks import Config, WorkerHooks, call_with_as_many  # noqa: E402

CONFIG = """
calls = []
def pre_request(worker, req): calls.append(("pre", worker.nr, req.method, req.path, req.query, dict(req.headers)))
def post_request(worker, req, environ, resp): calls.append(("post", req.uri, resp.status_code, dict(resp.headers)))
def post_fork(server, worker): calls.append(("fork", server.cfg.workers, worker.age))
def post_worker_init(worker): calls.append(("init", worker.wsgi))
def worker_exit(server, worker): calls.append(("exit", worker.alive))
threads = 3
"""


class HooksTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def place(self, text: str) -> Dict[str, Any]:
        Path(self.folder, "conf.py").write_text(text)
        return {"location": "conf.py", "folder": self.folder, "settings": {"workers": 2, "threads": 1}, "pid": 7}

    def hooks(self, text: str) -> Tuple[WorkerHooks, List[Any]]:
        hooks = WorkerHooks(self.place(text), 4)
        return hooks, sys.modules["__config__"].calls  # type: ignore[attr-defined]


class WorkerHooksTests(HooksTest):
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/a%20b?c=d",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_X_Y": "1",
        "CONTENT_TYPE": "text/plain",
        "wsgi.input": None,
        "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "99",
    }

    def test_wsgi_request_has_its_hooks(self) -> None:
        hooks, calls = self.hooks(CONFIG)

        class Body(List[bytes]):
            closed = False

            def close(self) -> None:
                self.closed = True

        body = Body([b"x"])

        def application(environ: Any, start_response: Any) -> Any:
            start_response("201 Created", [("A", "b")])
            return body

        served = hooks.around_wsgi(application)
        result = served(self.environ, lambda *arguments: None)
        self.assertEqual([b"x"], list(result))
        self.assertEqual(1, len(calls))
        result.close()
        self.assertTrue(body.closed)
        self.assertEqual(("pre", 1, "GET", "/a%20b", "c=d", {"X-Y": "1", "CONTENT-TYPE": "text/plain"}), calls[0])
        self.assertEqual(("post", "/a%20b?c=d", 201, {"A": "b"}), calls[1])

    def test_wsgi_request_that_fails_has_its_last_hook(self) -> None:
        hooks, calls = self.hooks(CONFIG)

        def application(environ: Any, start_response: Any) -> Any:
            raise KeyError("x")

        with self.assertRaises(KeyError):
            hooks.around_wsgi(application)(self.environ, lambda *arguments: None)
        self.assertEqual(["pre", "post"], [call[0] for call in calls])

    def test_asgi_request_has_its_hooks_and_lifespan_has_none(self) -> None:
        hooks, calls = self.hooks(CONFIG)
        sent = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
                await send({"type": "http.response.body", "body": b"12"})

        async def send(message: Any) -> None:
            sent.append(message["type"])

        served = hooks.around_asgi(application)
        scope = {
            "type": "http",
            "method": "GET",
            "raw_path": b"/p",
            "query_string": b"",
            "headers": [(b"x-y", b"1")],
            "http_version": "1.1",
            "scheme": "http",
            "client": None,
        }
        asyncio.run(served({"type": "lifespan"}, None, send))  # type: ignore[arg-type]
        asyncio.run(served(scope, None, send))  # type: ignore[arg-type]
        self.assertEqual([("pre", 1, "GET", "/p", "", {"X-Y": "1"}), ("post", "/p", 200, {"a": "b"})], calls)
        self.assertEqual(2, len(sent))

    def test_worker_has_its_hooks_with_the_settings(self) -> None:
        hooks, calls = self.hooks(CONFIG)
        hooks.forked()
        hooks.loaded("the application")
        hooks.ended()
        self.assertEqual([("fork", 2, 4), ("init", "the application"), ("exit", False)], calls)

    def test_application_without_hooks_of_requests_is_served_itself(self) -> None:
        hooks, _ = self.hooks("calls = []\ndef post_fork(server, worker): pass")
        self.assertIs(print, hooks.around_wsgi(print))

    def test_settings_of_the_file_come_first_and_others_are_errors(self) -> None:
        cfg = Config({"threads": 3}, {"threads": 1, "workers": 2})
        self.assertEqual((3, 2), (cfg.threads, cfg.workers))
        with self.assertRaises(AttributeError):
            cfg.nothing

    def test_post_request_gets_as_many_arguments_as_it_takes(self) -> None:
        got: List[Any] = []
        call_with_as_many(lambda worker, req: got.append((worker, req)), 1, 2, 3, 4)
        call_with_as_many(lambda worker, req, environ: got.append((worker, req, environ)), 1, 2, 3, 4)
        call_with_as_many(lambda *everything: got.append(everything), 1, 2, 3, 4)
        self.assertEqual([(1, 2), (1, 2, 3), (1, 2, 3, 4)], got)


class ArbiterTests(HooksTest):
    def run_arbiter(self, text: str, *calls: Dict[str, Any]) -> Tuple[List[Dict[str, Any]], str]:
        environment = dict(os.environ, DARTER_ARBITER=json.dumps(self.place(text)))
        process = subprocess.run(
            [sys.executable, str(ROOT / "python" / "darter" / "worker.py")],
            input="".join(json.dumps(call) + "\n" for call in calls),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            env=environment,
            cwd=self.folder,
        )
        return [json.loads(line) for line in process.stdout.splitlines()], process.stderr

    def test_hooks_are_called_in_order_with_what_they_take(self) -> None:
        text = """
def on_starting(server): print("starting", server.pid, server.cfg.workers)
def pre_fork(server, worker): print("fork", worker.age, worker.pid, sorted(server.WORKERS))
def child_exit(server, worker): print("exit", worker.age, worker.pid, sorted(server.WORKERS))
def nworkers_changed(server, new, old): print("changed", new, old, server.num_workers)
"""
        answers, output = self.run_arbiter(
            text,
            {"hook": "on_starting"},
            {"hook": "pre_fork", "age": 1},
            {"hook": "forked", "age": 1, "pid": 70},
            {"hook": "pre_fork", "age": 2},
            {"hook": "child_exit", "age": 1, "pid": 70},
            {"hook": "nworkers_changed", "new": 3, "old": 2},
            {"hook": "on_exit"},
        )
        self.assertEqual([{}] * 8, answers)
        self.assertEqual(
            ["starting 7 2", "fork 1 None []", "fork 2 None [70]", "exit 1 70 []", "changed 3 2 3"], output.splitlines()
        )

    def test_hook_that_raises_is_reported_and_the_next_one_runs(self) -> None:
        answers, output = self.run_arbiter(
            "def on_starting(server): 1 / 0\ndef when_ready(server): print('ready')", {"hook": "on_starting"}, {"hook": "when_ready"}
        )
        self.assertEqual([{}, {}], [answers[0], answers[2]])
        self.assertIn("ZeroDivisionError", answers[1]["error"])
        self.assertNotIn("_arbiter.py", answers[1]["error"])
        self.assertEqual("ready\n", output)

    def test_changed_configuration_is_read_again_and_a_broken_one_is_not_taken(self) -> None:
        before = "def on_reload(server): print('before', server.cfg.workers)"
        place = dict(self.place(before), settings={"workers": 5})
        broken = dict(place, location="missing.py")
        answers, output = self.run_arbiter(
            before, {"hook": "on_reload", "place": place}, {"hook": "on_reload", "place": broken}, {"hook": "on_reload"}
        )
        self.assertIn("missing.py", answers[2]["error"])
        self.assertEqual(["before 5", "before 5"], output.splitlines())

    def test_configuration_that_raises_is_reported(self) -> None:
        answers, _ = self.run_arbiter("1 / 0")
        self.assertIn("ZeroDivisionError", answers[0]["error"])


if __name__ == "__main__":
    unittest.main()
