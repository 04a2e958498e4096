"""What a worker does with the debugger: around the application, and in the place of one that did not load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple
from unittest import mock

from debugging import HTML, PIN, ROOT, DebuggerTest, call_asgi, call_wsgi, post, text_of

from darter import _worker
from darter._library import DRAINED, ERROR
from darter.debugger import Debugger
from darter.target import StartupError, TargetError

DEV = {"pin": PIN, "hosts": ["dev.example"], "debugger": True}


class FakeChannel:
    """The front's end of a channel, as far as a worker sees it."""

    def __init__(self, served: Callable[[], None]) -> None:
        self.application: Any = None
        self.events: List[Tuple[Any, ...]] = []
        self._served = served

    def ready(self, interface: str) -> None:
        self.events.append(("ready", interface))

    def failed(self, reason: str) -> None:
        self.events.append(("failed", reason))

    def log(self, level: int, text: str) -> None:
        self.events.append(("log", level, text))

    def stop(self) -> None:
        self.events.append(("stop",))

    def abandon(self) -> None:
        pass

    def serve_wsgi(self, application: Any, settings: Any) -> int:
        self.application = application
        self._served()
        return DRAINED


class FakeAsgiServer:
    """Takes the application that would be served."""

    application: Any = None

    def __init__(self, channels: Any, application: Any, config: Any, watch: Any = None, interface: str = "asgi", loop: Any = None) -> None:
        type(self).application = staticmethod(application)

    def start(self) -> None:
        pass

    def run(self) -> None:
        pass


class WorkerTest(DebuggerTest):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name, "shop.py")
        before, path = signal.getsignal(signal.SIGTERM), list(sys.path)
        self.addCleanup(lambda: signal.signal(signal.SIGTERM, before))
        self.addCleanup(lambda: sys.path.__setitem__(slice(None), path))
        self.addCleanup(lambda: sys.modules.pop("shop", None))

    def run_worker(
        self, source: str, dev: Optional[Dict[str, Any]], served: Callable[[], None] = lambda: None, **config: Any
    ) -> Tuple[FakeChannel, int]:
        self.file.write_text(textwrap.dedent(source))
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        channel = FakeChannel(served)
        config.update(library="", token="00", channels=[{"socket": read, "page": write}], target=str(self.file))
        if dev is not None:
            config["dev"] = dev
        with mock.patch.object(_worker, "Library") as library:
            library.return_value.open.return_value = channel
            status = _worker.Worker(config).run()
        return channel, status

    FAILING = """
        def app(environ, start_response):
            raise ValueError("no such shop")
    """


class ServingTests(WorkerTest):
    def test_the_application_is_wrapped(self) -> None:
        channel, status = self.run_worker(self.FAILING, DEV)
        self.assertEqual((0, [("ready", "wsgi")]), (status, channel.events))
        response = call_wsgi(channel.application, headers=dict(HTML, Host="dev.example"))
        self.assertIn("no such shop", response.text)
        self.assertIn("data-secret", response.text)

    def test_an_asgi_application_is_wrapped(self) -> None:
        with mock.patch("darter._asgi.Server", FakeAsgiServer):
            self.run_worker("async def app(scope, receive, send):\n    raise ValueError('no such shop')\n", DEV)
        self.assertIn("no such shop", call_asgi(FakeAsgiServer.application, headers=HTML).text)

    def test_without_a_pin_there_is_the_page_only(self) -> None:
        channel, _ = self.run_worker(self.FAILING, dict(DEV, pin=None))
        response = call_wsgi(channel.application, headers=HTML)
        self.assertIn("no such shop", response.text)
        self.assertNotIn("data-secret", response.text)

    def test_without_the_key_the_application_is_served_as_it_is(self) -> None:
        for dev in (None, {}, dict(DEV, debugger=False)):
            sys.modules.pop("shop", None)
            channel, _ = self.run_worker(self.FAILING, dev)
            self.assertIs(sys.modules["shop"].app, channel.application)

    def test_without_the_key_nothing_of_it_is_imported(self) -> None:
        code = """
            import sys
            import darter, darter._worker, darter._wsgi, darter._asgi, darter._zygote, darter._hooks, darter.worker
            sys.exit(any(name.startswith("darter.debugger") for name in sys.modules))
        """
        environment = dict(os.environ, PYTHONPATH=str(ROOT / "python"))
        self.assertEqual(0, subprocess.call([sys.executable, "-c", textwrap.dedent(code)], env=environment))


class LoadingTests(WorkerTest):
    def failure(self, source: str, **config: Any) -> Any:
        """The page that is served in the application's place, and what was logged."""
        channel, status = self.run_worker(source, DEV, **config)
        self.assertEqual(0, status)
        self.assertEqual(["log", "ready"], [event[0] for event in channel.events])
        self.assertEqual(ERROR, channel.events[0][1])
        response = call_wsgi(channel.application, method="POST", target="/any/path", headers=HTML)
        self.assertEqual((500, "no-store"), (response.status, response.header("Cache-Control")))
        self.assertIn("The application did not load", response.text)
        self.assertEqual("", response.log)
        return text_of(response.text), channel

    def test_an_exception_while_it_is_imported_is_shown(self) -> None:
        text, channel = self.failure("answer = 42\nraise ValueError(answer)\n")
        for expected in ("ValueError", "raise ValueError(answer)", "answer42"):
            self.assertIn(expected, text)
        self.assertIn("The application did not load:\nTraceback (most recent call last):", channel.events[0][2])
        self.assertIn("ValueError: 42", channel.events[0][2])
        for headers, expected in (({}, "The application did not load.\n\nTraceback"), ({"Accept": "application/json"}, '"type": "ValueError"')):
            self.assertIn(expected, call_wsgi(channel.application, headers=headers).text)
        self.assertEqual(b"", call_wsgi(channel.application, method="HEAD", headers=HTML).body)

    def test_a_syntax_error_is_shown_with_its_line(self) -> None:
        text, _ = self.failure("def app(environ, start_response:\n    pass\n")
        for expected in ("SyntaxError", "def app(environ, start_response:", "shop.py:"):
            self.assertIn(expected, text)

    def test_a_module_that_is_missing_is_shown(self) -> None:
        text, _ = self.failure("import nothing_of_this_name\n")
        self.assertIn("ModuleNotFoundError", text)
        self.assertIn("import nothing_of_this_name", text)

    def test_an_exit_while_it_is_imported_is_shown(self) -> None:
        text, _ = self.failure("raise SystemExit('no settings')\n")
        self.assertIn("no settings", text)

    def test_what_is_no_application_is_explained(self) -> None:
        text, channel = self.failure("nothing = 1\n")
        self.assertIn("has none of application, app, create_app(), make_app()", text)
        self.assertIn("No application", text)
        self.assertNotIn("Traceback", text)
        self.assertIn("has none of application", call_wsgi(channel.application).text)

    def test_a_startup_that_raises_is_shown_with_its_frames(self) -> None:
        source = """
            async def app(scope, receive, send):
                message = await receive()
                database = "shop.db"
                raise OSError(database)
        """
        text, _ = self.failure(source, lifespan="on", loop="asyncio")
        for expected in ("OSError", "raise OSError(database)", "databaseshop.db"):
            self.assertIn(expected, text.replace("'", ""))

    def test_a_startup_that_fails_is_explained(self) -> None:
        source = """
            async def app(scope, receive, send):
                await receive()
                await send({"type": "lifespan.startup.failed", "message": "the database is asleep"})
        """
        text, _ = self.failure(source, loop="asyncio")
        self.assertIn("The startup failedthe database is asleep", text)

    def test_it_can_be_stopped_after_a_startup_that_failed(self) -> None:
        def stop() -> None:
            os.kill(os.getpid(), signal.SIGTERM)

        source = "async def app(scope, receive, send):\n    raise ValueError\n"
        channel, _ = self.run_worker(source, DEV, stop, lifespan="on", loop="asyncio")
        self.assertEqual(("stop",), channel.events[-1])

    def test_without_the_debugger_the_front_is_told(self) -> None:
        for dev in (None, {}, {"debugger": False}):
            channel, status = self.run_worker("raise ValueError(7)\n", dev)
            self.assertEqual(_worker.NOT_LOADED, status)
            self.assertEqual(["failed"], [event[0] for event in channel.events])
            self.assertIn("ValueError: 7", channel.events[0][1])

    def test_there_is_a_console_in_its_frames(self) -> None:
        channel, _ = self.run_worker("answer = 42\nraise ValueError(answer)\n", DEV)
        page = call_wsgi(channel.application, headers=HTML)
        unlocked = call_wsgi(channel.application, **post("pin", {"secret": page.data("secret"), "pin": PIN}))
        cookie = unlocked.header("Set-Cookie").partition(";")[0]
        content = {"secret": page.data("secret"), "record": page.data("record"), "frame": 0, "code": "answer"}
        self.assertEqual("42\n", call_wsgi(channel.application, **post("evaluate", content, cookie)).json["output"])


class FailedTests(unittest.TestCase):
    def test_a_message_keeps_its_lines_and_no_control_characters(self) -> None:
        application = Debugger().failed(StartupError("one\n\ttwo\x1b[31m\x00"))
        text = text_of(call_wsgi(application, headers=HTML).text)
        self.assertIn("one\n\ttwo\N{REPLACEMENT CHARACTER}[31m", text)

    def test_under_a_name_of_another_site_nothing_is_shown(self) -> None:
        response = call_wsgi(Debugger().failed(TargetError("There is no file.")), headers=dict(HTML, Host="rebound.example"))
        self.assertEqual(500, response.status)
        self.assertNotIn("There is no file", response.text)

    def test_an_exception_that_was_never_raised_is_shown(self) -> None:
        self.assertIn("ValueError: 7", call_wsgi(Debugger().failed(ValueError(7))).text)


if __name__ == "__main__":
    unittest.main()
