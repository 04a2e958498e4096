"""darter._dotenv: files of environment variables, as python-dotenv reads them."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "python"))

from darter import _dotenv  # noqa: E402
from darter.target import StartupError  # noqa: E402

#: Text of a file, and what it sets. The expectations are those of python-dotenv's own tests where it has one.
ROWS = [
    ("", {}),
    ("A=b", {"A": "b"}),
    ("A = b", {"A": "b"}),
    ("A=b\nC=d\n", {"A": "b", "C": "d"}),
    ("A=b\r\nC=d\rE=f", {"A": "b", "C": "d", "E": "f"}),
    ("\n \t\nA=b\n\n", {"A": "b"}),
    ("  A=b", {"A": "b"}),
    ("export A=b", {"A": "b"}),
    ("  export\tA=b", {"A": "b"}),
    ("exporting=b", {"exporting": "b"}),
    ("export=b", {"export": "b"}),
    ("export =b", {}),
    ("'A=b", {}),
    ("'A B'=c", {"A B": "c"}),
    ("A.b-c=d", {"A.b-c": "d"}),
    # Values without quotes: to the end of the line, or to a comment.
    ("A=", {"A": ""}),
    ("A=\nB=c", {"A": "", "B": "c"}),
    ("A=b c ", {"A": "b c"}),
    ("A=b # note", {"A": "b"}),
    ("A=b#c", {"A": "b#c"}),
    ("A=#c", {"A": "#c"}),
    ("A= # note", {"A": "# note"}),
    ("A=b=c", {"A": "b=c"}),
    ("A=b\\nc", {"A": "b\\nc"}),
    ("A=b'c'", {"A": "b'c'"}),
    ("A=ä日", {"A": "ä日"}),
    ("# note\nA=b\n # note=c\n", {"A": "b"}),
    # Quotes.
    ("A='b'", {"A": "b"}),
    ('A="b"', {"A": "b"}),
    ("A=''", {"A": ""}),
    ('A=""', {"A": ""}),
    ("A='b' # note", {"A": "b"}),
    ('A="b # c"', {"A": "b # c"}),
    ("A=' b '", {"A": " b "}),
    ("A='b\\'c'", {"A": "b'c"}),
    ("A='b\\\\c\\nd'", {"A": "b\\c\\nd"}),
    ('A="b\\"c"', {"A": 'b"c'}),
    ('A="b\\nc\\td\\\\e\\qf"', {"A": "b\nc\td\\e\\qf"}),
    ('A="b\nc"\nD=e', {"A": "b\nc", "D": "e"}),
    ("A='b\nc'\nD=e", {"A": "b\nc", "D": "e"}),
    # A name alone sets nothing.
    ("A", {}),
    ("export A\nB=c", {"B": "c"}),
    # Later lines win within a file.
    ("A=b\nA=c", {"A": "c"}),
    # Variables.
    ("A=b\nC=${A}d", {"A": "b", "C": "bd"}),
    ("A=${HOST}", {"A": "outside"}),
    ("HOST=inside\nA=${HOST}", {"HOST": "inside", "A": "outside"}),
    ("A=${NONE}", {"A": ""}),
    ("A=${NONE:-b}", {"A": "b"}),
    ("A=${HOST:-b}", {"A": "outside"}),
    ("A=${NONE:-}", {"A": ""}),
    ("A=$HOST", {"A": "$HOST"}),
    ("A='${HOST}'", {"A": "outside"}),
    ("A=${HOST", {"A": "${HOST"}),
]


class ParseTests(unittest.TestCase):
    def test_rows(self) -> None:
        for text, expected in ROWS:
            with self.subTest(text):
                self.assertEqual(_dotenv.values(_dotenv.parse(text), {"HOST": "outside"}), expected)

    def test_lines_that_are_no_assignments(self) -> None:
        rows = [
            ("A b=c", [(None, None, 1)]),
            ("=b\nA=c", [(None, None, 1), ("A", "c", 2)]),
            ("A='b", [(None, None, 1)]),
            ("\nA=\"b\nC=d", [(None, None, 2), ("C", "d", 3)]),
            ("A='b'c\r\nD=e", [(None, None, 1), ("D", "e", 2)]),
            ("A='x\ny'\nB c\n", [("A", "x\ny", 1), (None, None, 3)]),
        ]
        for text, expected in rows:
            with self.subTest(text):
                self.assertEqual(list(_dotenv.parse(text)), expected)

    def test_any_text_comes_to_an_end(self) -> None:
        import random

        source = random.Random(5)
        for _ in range(3000):
            text = "".join(source.choice("A='\"\\ \n\r#${}:-export") for _ in range(source.randrange(24)))
            for name, value, line in _dotenv.parse(text):
                self.assertTrue(name is None or name)
                self.assertTrue(value is None or name is not None)
                self.assertLessEqual(line, text.count("\n") + text.count("\r") + 1)


class LoadTests(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = os.path.realpath(temporary.name)
        self.inner = os.path.join(self.folder, "inner")
        os.mkdir(self.inner)

    def write(self, name: str, text: bytes) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(text)
        return path

    def test_the_environment_wins_then_env_then_flaskenv(self) -> None:
        first = self.write(".env", b"A=env\nB=env\n")
        second = self.write(".flaskenv", b"A=flaskenv\nB=flaskenv\nC=flaskenv ${B}\n")
        environment = {"A": "outside"}
        self.assertEqual(_dotenv.load(self.folder, environment), ([first, second], []))
        self.assertEqual(environment, {"A": "outside", "B": "env", "C": "flaskenv env"})

    def test_the_nearest_file_counts(self) -> None:
        self.write(".env", b"A=outer\nB=outer\n")
        inner = self.write("inner/.env", b"A=inner\n")
        outer = self.write(".flaskenv", b"C=outer\n")
        environment = {}
        self.assertEqual(_dotenv.load(self.inner, environment)[0], [inner, outer])
        self.assertEqual(environment, {"A": "inner", "C": "outer"})

    def test_a_mark_of_the_byte_order_is_none_of_the_name(self) -> None:
        self.write(".env", b"\xef\xbb\xbfA=b\n")
        environment = {}
        _dotenv.load(self.folder, environment)
        self.assertEqual(environment, {"A": "b"})

    def test_mistakes_are_told(self) -> None:
        path = self.write(".env", b"A=b\nA mistake\nC=d\0\nE=f\n")
        environment = {}
        problems = _dotenv.load(self.folder, environment)[1]
        self.assertEqual(environment, {"A": "b", "E": "f"})
        self.assertEqual(len(problems), 2)
        self.assertTrue(problems[0].startswith(path + ", line 2: "))
        self.assertTrue(problems[1].startswith(path + ", line 3: "))

    def test_what_is_no_text_is_refused(self) -> None:
        path = self.write(".env", b"A=\xff\n")
        with self.assertRaises(StartupError) as caught:
            _dotenv.load(self.folder, {})
        self.assertIn(path, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
