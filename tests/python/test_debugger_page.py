"""What the debugger's page says of an exception."""

from __future__ import annotations

import collections
import html
import json
import os
import sys
import tempfile
import threading
import unittest
from typing import Any, Callable, List

from debugging import DebuggerTest, raising, text_of

from darter.debugger._highlight import lines_of
from darter.debugger._source import Span
from darter.debugger._trace import FRAMES, Trace, is_library
from darter.debugger._values import COUNT, LENGTH, MASK, Reprs, is_secret, shorten


def caught(function: Callable[[], Any]) -> BaseException:
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


class PageTests(DebuggerTest):
    def test_type_message_function_source_and_variables_are_there(self) -> None:
        def view(environ: Any, start_response: Any) -> Any:
            customer = {"name": "Ada"}
            raise KeyError(customer["name"])

        page = self.page(view, target="/shops/%C3%A9?a=1&b=%3Cx%3E")
        text = text_of(page)
        for expected in ("KeyError", "'Ada'", "view", "raise KeyError(customer[", "customer", "{'name': 'Ada'}", "/shops/é?a=1", "<x>"):
            self.assertIn(expected, text)
        self.assertIn('class="line meant"', page)

    def test_text_of_others_is_no_markup(self) -> None:
        class Odd(Exception):
            def __repr__(self) -> str:
                return "<img src=x onerror=alert(1)>"

        Odd.__name__ = Odd.__qualname__ = "<b>Odd"

        def view(environ: Any, start_response: Any) -> Any:
            odd = Odd("</pre><script>alert(1)</script>")
            raise odd

        page = self.page(view, target="/<script>?<i>=<u>")
        for forbidden in ("<script>", "<img", "<b>Odd", "<u>"):
            self.assertNotIn(forbidden, page)

    def test_text_that_cannot_be_encoded_does_no_harm(self) -> None:
        self.assertIn("\\udc80", self.page(raising(ValueError("file \udc80"))))

    def test_the_request_has_its_fields_query_and_cookies(self) -> None:
        from debugging import HTML, call_wsgi

        from darter.debugger import Debugger

        headers = dict(HTML, Cookie="session=abc; flavour=mint", Authorization="Basic QWxh", **{"X-Token": "t0k3n"})
        text = text_of(call_wsgi(Debugger().wsgi(raising(ValueError())), target="/?q=tea&q=milk", headers=headers).text)
        for expected in ("Authorization", "Basic QWxh", "session", "abc", "mint", "tea", "milk", "wsgi.input", "127.0.0.1"):
            self.assertIn(expected, text)

    def test_notes_are_shown(self) -> None:
        error = ValueError("x")
        error.__notes__ = ["while reading shop 7"]  # type: ignore[attr-defined]
        self.assertIn("while reading shop 7", text_of(self.page(raising(error))))
        error.__notes__ = 7  # type: ignore[attr-defined]
        self.assertIn("cannot be shown", text_of(self.page(raising(error))))

    def test_an_exception_whose_str_raises_is_shown(self) -> None:
        class Odd(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no text")

        self.assertIn("its str() raises RuntimeError", text_of(self.page(raising(Odd()))))

    def test_frames_of_libraries_are_folded(self) -> None:
        def view(environ: Any, start_response: Any) -> Any:
            json.loads("{")

        page = self.page(view)
        self.assertRegex(text_of(page), r"\d frames? in json")
        self.assertLess(page.index("in json"), page.index('class="frame"'))

    def test_a_page_can_be_copied_as_text(self) -> None:
        page = self.page(raising(ValueError("copied")))
        self.assertIn("Traceback (most recent call last):", html.unescape(page.partition('id="text"')[2]))


class TraceTests(unittest.TestCase):
    def test_cause_and_context_follow_the_exception(self) -> None:
        def fail() -> None:
            try:
                try:
                    raise KeyError("first")
                except KeyError:
                    raise ValueError("second")
            except ValueError as error:
                raise OSError("third") from error

        raised = Trace(caught(fail)).raised
        self.assertEqual(("OSError", [("ValueError", "cause"), ("KeyError", "context")]), (raised.type, [(e.type, e.relation) for e in raised.chain]))

    def test_a_suppressed_context_is_not_shown(self) -> None:
        def fail() -> None:
            try:
                raise KeyError("first")
            except KeyError:
                raise ValueError("second") from None

        self.assertEqual([], Trace(caught(fail)).raised.chain)

    def test_a_cycle_of_causes_ends(self) -> None:
        first, second = ValueError("first"), ValueError("second")
        first.__cause__, second.__cause__ = second, first
        raised = Trace(first).raised
        self.assertEqual(["second"], [other.message for other in raised.chain])

    def test_a_long_chain_is_bounded(self) -> None:
        error = ValueError(0)
        for number in range(1, 1000):
            following = ValueError(number)
            following.__cause__ = error
            error = following
        self.assertLess(len(list(Trace(error).raised.walk())), 100)

    @unittest.skipIf(sys.version_info < (3, 11), "groups came with Python 3.11")
    def test_groups_are_shown_with_their_members(self) -> None:
        group = eval("ExceptionGroup('outer', [ValueError('a'), ExceptionGroup('inner', [KeyError('b')] * 2)])")
        raised = Trace(group).raised
        self.assertEqual(["a", "inner (2 sub-exceptions)"], [member.message for member in raised.members])
        # The same exception twice is shown once.
        self.assertEqual(["'b'"], [member.message for member in raised.members[1].members])
        self.assertEqual(1, raised.members[1].members_left_out)

    @unittest.skipIf(sys.version_info < (3, 11), "groups came with Python 3.11")
    def test_a_huge_group_is_bounded(self) -> None:
        group = eval("ExceptionGroup('many', [ValueError(n) for n in range(5000)])")
        for _ in range(50):
            group = eval("ExceptionGroup('deep', [group])", {"group": group})
        raised = Trace(group).raised
        self.assertLess(len(list(raised.walk())), 100)

    def test_a_recursion_is_bounded(self) -> None:
        def endless(depth: int) -> None:
            endless(depth + 1)

        trace = Trace(caught(lambda: endless(0)))
        self.assertEqual("RecursionError", trace.raised.type)
        self.assertLessEqual(len(trace.frames), FRAMES)
        self.assertGreater(trace.raised.frames_left_out, 500)

    @unittest.skipIf(sys.version_info < (3, 11), "positions came with Python 3.11")
    def test_the_part_of_the_line_is_meant(self) -> None:
        def fail() -> None:
            é = {"ü": None}
            print("é", é["ü"]["x"])

        frame = Trace(caught(fail)).frames[-1]
        line = frame.source.all[frame.line - 1]
        columns = frame.source.span.columns(frame.line, len(line))
        assert columns is not None
        self.assertEqual('é["ü"]["x"]', line[columns.start : columns.stop])

    def test_a_span_over_lines_has_their_parts(self) -> None:
        span = Span(3, 5, 4, 2)
        self.assertEqual([None, range(4, 9), range(0, 9), range(0, 2), None], [span.columns(line, 9) for line in range(2, 7)])
        self.assertIsNone(Span(3).columns(3, 9))

    def test_code_without_source_is_shown_without(self) -> None:
        names: dict = {}  # type: ignore[type-arg]
        exec(compile("def fail():\n    raise ValueError('x')", "<made up>", "exec"), names)
        frame = Trace(caught(names["fail"])).frames[-1]
        self.assertEqual(("<made up>", [], "fail"), (frame.file, frame.source.lines, frame.function))
        self.assertFalse(frame.is_library)

    def test_a_long_file_with_long_lines_is_bounded(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "long.py")
            with open(file, "w") as output:
                output.write("x = 1\n" * 20000 + "text = '" + "y" * 10**6 + "'; raise ValueError('z')  # why\nprint(1)\n")
            with open(file) as source:
                code = compile(source.read(), file, "exec")
            lines = dict(lines_of(Trace(caught(lambda: exec(code, {}))).frames[-1].source))
        self.assertLess(sum(map(len, lines.values())), 5000)
        self.assertEqual('x = <i class="n">1</i>', lines[20000])
        self.assertEqual('print(<i class="n">1</i>)', lines[20002])
        self.assertIn("…", lines[20001])

    def test_a_syntax_error_has_its_place(self) -> None:
        error = caught(lambda: compile("def f(:\n    pass\n", "<typed>", "exec"))
        raised = Trace(error).raised
        assert raised.place is not None
        self.assertEqual(("<typed>", 1, ["def f(:"]), (raised.place[0], raised.place[1].span.line, raised.place[1].lines))
        self.assertIsNotNone(raised.place[1].span.column)

    def test_secrets_are_masked(self) -> None:
        def fail() -> None:
            password = "hunter2"
            settings = {"api_key": "hunter2", "deep": [{"SECRET_KEY": "hunter2"}], "author": "Ada"}
            raise ValueError(len(password) + len(settings))

        variables = dict(Trace(caught(fail)).frames[-1].variables)
        self.assertEqual(MASK, variables["password"])
        self.assertNotIn("hunter2", variables["settings"])
        self.assertIn("'Ada'", variables["settings"])
        for name in ("key", "author", "passenger", "author_id", "keys", 7):
            self.assertFalse(is_secret(name), name)
        for name in ("passwd", "PASSWORD", "db_password", "csrf_token", "APIKEY", "AWS_SECRET_ACCESS_KEY", "private_key"):
            self.assertTrue(is_secret(name), name)

    def test_what_is_installed_is_a_library(self) -> None:
        self.assertTrue(is_library(json.__file__))
        self.assertTrue(is_library("/srv/venv/lib/python3.9/site-packages/flask/app.py"))
        self.assertTrue(is_library("<frozen runpy>"))
        self.assertFalse(is_library("/srv/shop/app.py"))


class ValueTests(unittest.TestCase):
    def test_short_values_are_shown_as_they_are(self) -> None:
        for value in (1, "a", b"a", None, 1.5, [1, [2]], (1,), {"a": {1}}, frozenset([1]), {1: 2}, set(), (), {}, ...):
            self.assertEqual(repr(value), shorten(value))

    def test_large_values_are_bounded(self) -> None:
        cyclic: List[Any] = []
        cyclic.append(cyclic)
        deep: Any = 0
        for _ in range(100000):
            deep = [deep]
        huge = "x" * 10**7
        values = [huge, huge.encode(), bytearray(10**7), [huge] * 100, list(range(10**6)), {n: huge for n in range(100)}, cyclic, deep]
        values += [1 << 10**6, {huge: huge}, collections.OrderedDict.fromkeys(range(10**5)), set(range(10**5))]
        for value in values:
            self.assertLessEqual(len(shorten(value)), LENGTH + 1, type(value))
        self.assertIn("… {} more".format(1000 - COUNT), shorten(list(range(1000)), 10000))
        while deep:
            deep = deep.pop()

    def test_a_repr_that_misbehaves_does_no_harm(self) -> None:
        class Raises:
            def __repr__(self) -> str:
                raise SystemExit("no")

        class Endless:
            def __repr__(self) -> str:
                return repr(self)

        class Wrong:
            def __repr__(self) -> Any:
                return 7

        class Liar:
            @property
            def __class__(self) -> Any:
                raise RuntimeError("no class")

        class Shrinking(dict):  # type: ignore[type-arg]
            def items(self) -> Any:
                raise RuntimeError("changed size")

        self.assertIn("its repr() raises SystemExit: no", shorten(Raises()))
        self.assertIn("nested too deeply", shorten(Endless()))
        self.assertIn("its repr() raises TypeError", shorten(Wrong()))
        self.assertIn("Liar object at", shorten(Liar()))
        self.assertIn("cannot be shown: RuntimeError", shorten(Shrinking()))

    def test_a_slow_repr_is_left_alone(self) -> None:
        released = threading.Event()
        self.addCleanup(released.set)

        class Slow:
            def __repr__(self) -> str:
                released.wait()
                return "late"

        class Quick:
            def __repr__(self) -> str:
                return "quick"

        with Reprs(time=0.01) as reprs:
            self.assertIn("takes longer than 0.01 s", reprs.of(Slow()))
        with Reprs(time=60) as reprs:
            # Another thread is used after one was left.
            self.assertEqual("quick", reprs.of(Quick()))
        with Reprs(time=0.01) as reprs:
            for _ in range(Reprs.SLOW):
                reprs.of(Slow())
            self.assertIn("not shown", reprs.of(Slow()))
            self.assertEqual("7", reprs.of(7))


if __name__ == "__main__":
    unittest.main()
