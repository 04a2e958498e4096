"""The debugger's console, and who may use it."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import io
import sys
import threading
import unittest
import weakref
from typing import Any, Dict, Tuple

from debugging import HTML, PIN, PREFIX, DebuggerTest, Response, call_asgi, call_wsgi, post, run_asgi

from darter.debugger import Debugger
from darter.debugger._capture import LENGTH
from darter.debugger._console import Console
from darter.debugger._guard import COOKIE_AGE, FIRST_WAIT, LONGEST_WAIT, MOST_WRONG, Guard
from darter.debugger._request import Request


class Session:
    """A browser that shows the page of an exception."""

    def __init__(self, application: Any, page: Response, cookie: str = "") -> None:
        self.application = application
        self.secret = page.data("secret")
        self.record = page.data("record")
        self.cookie = cookie

    def unlock(self, pin: str = PIN) -> Response:
        response = call_wsgi(self.application, **post("pin", {"secret": self.secret, "pin": pin}))
        if response.status == 200:
            self.cookie = response.header("Set-Cookie").partition(";")[0]
        return response

    def evaluate(self, code: Any, frame: Any = 0, **more: Any) -> Response:
        content = dict({"secret": self.secret, "record": self.record, "frame": frame, "code": code}, **more)
        return call_wsgi(self.application, **post("evaluate", content, self.cookie))


def view(environ: Any, start_response: Any) -> Any:
    customer = {"name": "Ada"}
    raise KeyError(customer["name"])


class SessionTest(DebuggerTest):
    def session(self, application: Any = view, **options: Any) -> Session:
        wrapped = Debugger(**dict({"pin": PIN}, **options)).wsgi(application)
        return Session(wrapped, call_wsgi(wrapped, headers=HTML))

    def unlocked(self, application: Any = view) -> Session:
        session = self.session(application)
        self.assertEqual(200, session.unlock().status)
        return session


class EvaluationTests(SessionTest):
    def output(self, code: str) -> str:
        return str(self.unlocked().evaluate(code).json["output"])

    def test_an_expression_is_shown(self) -> None:
        self.assertEqual("'Ada'\n", self.output("customer['name']"))

    def test_what_is_printed_is_shown_there_only(self) -> None:
        before = sys.stdout, sys.stderr, sys.displayhook
        self.assertEqual("a\nb\n3\n", self.output("import sys; print('a'); print('b', file=sys.stderr); 3"))
        self.assertEqual(before, (sys.stdout, sys.stderr, sys.displayhook))

    def test_names_and_the_last_value_stay(self) -> None:
        session = self.unlocked()
        session.evaluate("total = 40")
        session.evaluate("total + 1")
        self.assertEqual("42\n", session.evaluate("_ + 1").json["output"])
        self.assertEqual("[40]\n", session.evaluate("[total for _ in range(1)]").json["output"])

    def test_a_block_goes_on_until_an_empty_line(self) -> None:
        session = self.unlocked()
        block = "for i in range(2):\n    i"
        for code, expected in ((block[:18], ("", True)), (block, ("", True)), (block + "\n", ("0\n1\n", False))):
            answer = session.evaluate(code).json
            self.assertEqual(expected, (answer["output"], answer["more"]))

    def test_several_statements_can_be_pasted(self) -> None:
        self.assertEqual("3\n4\n", self.output("a = 1\ndef f():\n    return a + 2\n\nf()\nf() + 1"))

    def test_errors_are_shown_as_in_pythons_console(self) -> None:
        self.assertIn("SyntaxError", self.output("a b"))
        self.assertIn("SyntaxError", self.output("a = 1\nb c"))
        output = self.output("1 / 0")
        self.assertTrue(output.startswith('Traceback (most recent call last):\n  File "<console>", line 1, in <module>\n'), output)
        self.assertTrue(output.endswith("ZeroDivisionError: division by zero\n"))
        self.assertIn("SystemExit", self.output("raise SystemExit"))
        self.assertIn("KeyboardInterrupt", self.output("raise KeyboardInterrupt"))

    def test_output_is_bounded(self) -> None:
        output = self.output("print('x' * 10**7)")
        self.assertLess(len(output), LENGTH + 100)
        self.assertIn("left out", output)

    def test_each_frame_has_its_own_variables(self) -> None:
        def inner(amount: int) -> None:
            raise ValueError(amount)

        def outer(environ: Any, start_response: Any) -> None:
            place = "outer"
            inner(len(place))

        session = self.unlocked(outer)
        self.assertEqual("'outer'\n", session.evaluate("place", 0).json["output"])
        self.assertEqual("5\n", session.evaluate("amount", 1).json["output"])
        self.assertIn("NameError", session.evaluate("place", 1).json["output"])

    def test_other_threads_print_to_where_they_did(self) -> None:
        begun, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def wait() -> None:
            begun.set()
            go_on.wait(60)

        def application(environ: Any, start_response: Any) -> None:
            held = wait
            raise ValueError(held)

        session = self.unlocked(application)
        stdout, sys.stdout = sys.stdout, io.StringIO()
        try:
            answers = []
            thread = threading.Thread(target=lambda: answers.append(session.evaluate("held(); print('inside')")))
            thread.start()
            self.assertTrue(begun.wait(60))
            print("outside")
            go_on.set()
            thread.join(60)
            self.assertEqual("outside\n", sys.stdout.getvalue())
        finally:
            sys.stdout = stdout
        self.assertEqual("inside\n", answers[0].json["output"])

    def test_it_sees_the_context_of_the_exception(self) -> None:
        variable: Any = contextvars.ContextVar("variable", default="none")

        def application(environ: Any, start_response: Any) -> None:
            name = variable
            raise ValueError(name)

        wrapped = Debugger(pin=PIN).wsgi(application)
        context = contextvars.copy_context()
        context.run(variable.set, "of the request")
        session = Session(wrapped, context.run(call_wsgi, wrapped, headers=HTML))
        session.unlock()
        self.assertEqual("'of the request'\n", session.evaluate("name.get()").json["output"])

    def test_flasks_request_is_there(self) -> None:
        try:
            import flask
        except ImportError:
            self.skipTest("Flask is not installed for this interpreter")
        application = flask.Flask("shop")
        application.debug = True

        @application.route("/")
        def shop() -> Any:
            raise KeyError("x")

        wrapped = Debugger(pin=PIN).wsgi(application)
        session = Session(wrapped, call_wsgi(wrapped, headers=HTML, target="/?tea=green"))
        session.unlock()
        output = [session.evaluate("import flask; flask.request.args['tea'], flask.current_app.name", frame).json["output"] for frame in (0, 1)]
        self.assertEqual(["('green', 'shop')\n"] * 2, output)


class AsyncTests(DebuggerTest):
    async def session(self, application: Any) -> Dict[str, Any]:
        page = await run_asgi(application, headers=HTML)
        secret = page.data("secret")
        unlocked = await run_asgi(application, **post("pin", {"secret": secret, "pin": PIN}))
        self.assertEqual(200, unlocked.status)
        return {"content": {"secret": secret, "record": page.data("record")}, "cookie": unlocked.header("set-cookie").partition(";")[0]}

    def test_code_runs_beside_the_loop_and_can_await(self) -> None:
        async def run() -> Tuple[Response, ...]:
            opened = asyncio.Event()

            async def view(loop: Any) -> None:
                event = opened
                raise ValueError(event)

            async def application(scope: Any, receive: Any, send: Any) -> None:
                event, loop = opened, asyncio.get_running_loop()
                await view((event, loop)[1])

            wrapped = Debugger(pin=PIN).asgi(application)
            session = await self.session(wrapped)

            def evaluate(code: str, frame: int = 0) -> Any:
                return run_asgi(wrapped, **post("evaluate", dict(session["content"], frame=frame, code=code), session["cookie"]))

            # A console does one thing at a time, that of another frame does not wait for it.
            waiting = asyncio.ensure_future(evaluate("print(await event.wait()); 7", 1))
            setting = await evaluate("import asyncio; loop.call_soon_threadsafe(event.set)")
            plain = await evaluate("import threading; threading.current_thread() is threading.main_thread()")
            failing = await evaluate("await asyncio.wait_for(asyncio.sleep(0), 60)\nawait 7")
            return await waiting, setting, plain, failing

        waited, setting, plain, failing = asyncio.run(run())
        self.assertEqual("True\n7\n", waited.json["output"])
        self.assertEqual("False\n", plain.json["output"])
        self.assertIn("can't be used in 'await' expression", failing.json["output"])

    def test_it_is_found_where_the_application_is_mounted(self) -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            raise ValueError

        wrapped = Debugger(pin=PIN).asgi(application)
        page = call_asgi(wrapped, headers=HTML, target="/shop/x", root_path="/shop")
        self.assertEqual("/shop" + PREFIX, page.data("base"))
        request = dict(post("pin", {"secret": page.data("secret"), "pin": PIN}), target="/shop" + PREFIX + "pin")
        response = call_asgi(wrapped, root_path="/shop", **request)
        self.assertEqual(200, response.status)
        self.assertIn("Path=/shop" + PREFIX, response.header("set-cookie"))


class ProtectionTests(SessionTest):
    def test_without_a_pin_there_is_no_console(self) -> None:
        wrapped = Debugger(pin=None).wsgi(view)
        page = call_wsgi(wrapped, headers=HTML).text
        self.assertNotIn("data-secret", page)
        self.assertNotIn("<dialog", page)
        response = call_wsgi(wrapped, **post("pin", {"secret": "", "pin": ""}))
        self.assertEqual(403, response.status)

    def test_nothing_is_run_before_the_pin_was_given(self) -> None:
        session = self.session()
        self.assertEqual(401, session.evaluate("customer").status)
        self.assertEqual(403, session.unlock("123-456-780").status)
        self.assertEqual(401, session.evaluate("customer").status)

    def test_a_page_can_ask_whether_the_pin_was_given(self) -> None:
        session = self.session()
        for known in (False, True):
            request = post("known", {"secret": session.secret}, session.cookie)
            self.assertEqual({"known": known}, call_wsgi(session.application, **request).json)
            session.unlock()

    def test_the_cookie_is_the_browsers_alone(self) -> None:
        session = self.session()
        response = session.unlock("123 456 789")
        self.assertEqual(200, response.status)
        cookie = response.header("Set-Cookie")
        for part in ("; HttpOnly", "; SameSite=Strict", "; Path=" + PREFIX + ";"):
            self.assertIn(part, cookie)
        name, _, value = session.cookie.partition("=")
        made, _, signature = value.partition(".")
        for forged in ("", "{}={}.{}".format(name, int(made) + 1, signature), "{}={}.{}".format(name, made, "0" * 64), name + "=x.é"):
            session.cookie = forged
            self.assertEqual(401, session.evaluate("1").status)

    def test_the_cookie_holds_for_the_next_process_with_the_same_pin(self) -> None:
        first, second, other = self.unlocked(), self.session(), self.session(pin="987-654-321")
        second.cookie = other.cookie = first.cookie
        self.assertEqual("1\n", second.evaluate("1").json["output"])
        self.assertEqual(401, other.evaluate("1").status)

    def test_the_secret_is_that_of_the_process(self) -> None:
        session = self.unlocked()
        for secret in ("", None, 7, session.secret + "x", "é"):
            self.assertEqual(410, session.evaluate("1", secret=secret).status)

    def test_only_own_names_are_answered(self) -> None:
        wrapped = Debugger(pin=PIN, hosts=["dev.example"]).wsgi(view)
        for host, known in (
            ("localhost:8000", True),
            ("LOCALHOST", True),
            ("a.localhost:1", True),
            ("127.0.0.1:8000", True),
            ("[::1]:8000", True),
            ("dev.example:99", True),
            ("dev.example.evil.example", False),
            ("evil.example", False),
            ("localhost.evil.example", False),
            ("notlocalhost", False),
            ("192.168.1.7:8000", False),
            ("127.0.0.1.nip.io", False),
            ("", False),
        ):
            headers = dict(HTML, Host=host)
            self.assertEqual(known, "data-secret" in call_wsgi(wrapped, headers=headers).text, host)
            request = post("pin", {"secret": "x", "pin": PIN}, Host=host, Origin="http://" + host)
            self.assertEqual(410 if known else 403, call_wsgi(wrapped, **request).status, host)

    def test_only_clients_on_this_machine_are_answered(self) -> None:
        wrapped = Debugger(pin=PIN).wsgi(view)
        own, others = ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"), ("192.168.1.7", "::ffff:8.8.8.8", "")
        for client, known in [(client, True) for client in own] + [(client, False) for client in others]:
            self.assertEqual(known, "data-secret" in call_wsgi(wrapped, headers=HTML, client=client).text, client)
            self.assertEqual(410 if known else 403, call_wsgi(wrapped, client=client, **post("pin", {"secret": "x"})).status, client)
        wrapped = Debugger(pin=PIN, loopback_only=False).wsgi(view)
        self.assertIn("data-secret", call_wsgi(wrapped, headers=HTML, client="192.168.1.7").text)

    def test_only_this_servers_pages_may_ask(self) -> None:
        session = self.session()
        content = {"secret": session.secret, "pin": PIN}
        origins = ("http://evil.example", "null", "", "http://localhost:9000")
        for headers in [{"Origin": origin} for origin in origins] + [{"Sec-Fetch-Site": "same-site"}]:
            self.assertEqual(403, call_wsgi(session.application, **post("pin", content, **headers)).status, headers)
        self.assertEqual(415, call_wsgi(session.application, **post("pin", content, **{"Content-Type": "text/plain"})).status)
        self.assertEqual(200, call_wsgi(session.application, **post("pin", content, **{"Sec-Fetch-Site": "same-origin"})).status)

    def test_malformed_requests_are_refused(self) -> None:
        session = self.unlocked()
        wrapped = session.application
        self.assertEqual(405, call_wsgi(wrapped, target=PREFIX + "evaluate").status)
        self.assertEqual(404, call_wsgi(wrapped, **post("nothing", {"secret": session.secret})).status)
        self.assertEqual(400, call_wsgi(wrapped, **dict(post("pin", {}), body=b"[]")).status)
        self.assertEqual(400, call_wsgi(wrapped, **dict(post("pin", {}), body=b"\xff")).status)
        self.assertEqual(411, call_wsgi(wrapped, **dict(post("pin", {}), body=b"")).status)
        self.assertEqual(413, call_wsgi(wrapped, **dict(post("pin", {}), body=b"x" * (1 << 21))).status)
        for frame in (-1, 99, True, "0", None, 0.0):
            self.assertEqual(400, session.evaluate("1", frame).status, frame)
        self.assertEqual(400, session.evaluate(7).status)
        self.assertEqual(410, session.evaluate("1", record="other").status)

    def test_ten_wrong_pins_lock_it(self) -> None:
        now = [1000.0]
        guard = Guard(PIN, clock=lambda: now[0])
        waits = []
        for _ in range(MOST_WRONG - 1):
            outcome, wait = guard.try_pin("0")
            self.assertEqual("wrong", outcome)
            waits.append(wait)
            # Too early: not even the right one is looked at.
            self.assertEqual("wait", guard.try_pin(PIN)[0])
            now[0] += wait
        self.assertEqual([min(LONGEST_WAIT, FIRST_WAIT * 2**n) for n in range(MOST_WRONG - 1)], waits)
        self.assertEqual("locked", guard.try_pin("0")[0])
        now[0] += 10**6
        self.assertEqual("locked", guard.try_pin(PIN)[0])

    def test_the_right_pin_makes_wrong_ones_forgotten(self) -> None:
        now = [1000.0]
        guard = Guard(PIN, clock=lambda: now[0])
        for _ in range(3 * MOST_WRONG):
            self.assertEqual("wrong", guard.try_pin(None)[0])
            now[0] += LONGEST_WAIT
            self.assertEqual("right", guard.try_pin("123456789")[0])

    def test_a_locked_console_says_so(self) -> None:
        debugger = Debugger(pin=PIN)
        debugger.guard._wrong = MOST_WRONG
        wrapped = debugger.wsgi(view)
        session = Session(wrapped, call_wsgi(wrapped, headers=HTML))
        response = session.unlock()
        self.assertEqual(423, response.status)
        self.assertIn("locked", response.json["error"])

    def test_a_cookie_grows_old(self) -> None:
        now = [10.0**9]
        guard = Guard(PIN, today=lambda: now[0])

        def request(cookie: str) -> Request:
            return Request("GET", "https", "/", "", [("Cookie", cookie)], None, "", {})

        cookie = guard.new_cookie(request(""), "/")
        self.assertTrue(cookie.endswith("; Secure"))
        for later, holds in ((0, True), (COOKIE_AGE - 1, True), (COOKIE_AGE, False), (-3600, False)):
            now[0] = 10.0**9 + later
            self.assertEqual(holds, guard.has_cookie(request("other=1; " + cookie.partition(";")[0])), later)


class HistoryTests(DebuggerTest):
    def test_only_the_last_exceptions_are_kept(self) -> None:
        class Kept:
            pass

        alive: "weakref.WeakSet[Kept]" = weakref.WeakSet()

        def application(environ: Any, start_response: Any) -> None:
            kept = Kept()
            alive.add(kept)
            raise ValueError

        wrapped = Debugger(pin=PIN, kept=3).wsgi(application)
        sessions = [Session(wrapped, call_wsgi(wrapped, headers=HTML)) for _ in range(10)]
        gc.collect()
        self.assertEqual(3, len(alive))
        cookie = ""
        for number, session in enumerate(sessions):
            if not cookie:
                session.unlock()
                cookie = session.cookie
            session.cookie = cookie
            self.assertEqual(200 if number >= 7 else 410, session.evaluate("kept").status)

    def test_without_a_console_or_a_page_nothing_is_kept(self) -> None:
        class Kept:
            pass

        alive: "weakref.WeakSet[Kept]" = weakref.WeakSet()

        def application(environ: Any, start_response: Any) -> None:
            kept = Kept()
            alive.add(kept)
            raise ValueError

        call_wsgi(Debugger(pin=None).wsgi(application), headers=HTML)
        call_wsgi(Debugger(pin=PIN).wsgi(application), headers={"Accept": "*/*"})
        call_wsgi(Debugger(pin=PIN).wsgi(application), headers=dict(HTML, Host="evil.example"))
        gc.collect()
        self.assertEqual(0, len(alive))


class ConsoleTests(unittest.TestCase):
    def test_what_it_assigns_does_not_reach_the_module(self) -> None:
        names: Dict[str, Any] = {"total": 1}
        exec("import sys\ndef f():\n    return sys._getframe()\nframe = f()", names)
        console = Console(names["frame"], contextvars.copy_context())
        console.evaluate("total = 2")
        self.assertEqual(("2\n", False), console.evaluate("total"))
        self.assertEqual(1, names["total"])

    def test_await_needs_a_loop(self) -> None:
        console = Console(sys._getframe(), contextvars.copy_context())
        self.assertIn("SyntaxError", console.evaluate("await x")[0])


if __name__ == "__main__":
    unittest.main()
