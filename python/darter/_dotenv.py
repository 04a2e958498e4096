"""Files of environment variables, ``.env`` and ``.flaskenv``, as python-dotenv reads them.

``NAME=value`` on each line, also after ``export``; ``'...'`` and ``"..."``, over several lines too; ``#`` begins a comment;
``${NAME}`` and ``${NAME:-default}`` stand for other variables. What the environment has already is not changed.
"""

from __future__ import annotations

import os
import re

from darter.target import StartupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterable, Iterator, List, Mapping, MutableMapping, Optional, Tuple

    #: The name, the value (None for a name without one) and the line. A line that is no assignment has no name.
    Binding = Tuple[Optional[str], Optional[str], int]

#: The first wins, as the environment wins over both.
FILES = (".env", ".flaskenv")

_BLANK = r"[^\S\r\n]*"
_EXPORT = re.compile(r"export[^\S\r\n]+")
_KEY = re.compile(r"(?:'(?P<quoted>[^']+)'|(?P<plain>[^'=#\s][^=#\s]*))" + _BLANK)
_EQUALS = re.compile("=" + _BLANK)
_VALUE = re.compile(r"'(?P<single>(?:\\'|[^'])*)'|\"(?P<double>(?:\\\"|[^\"])*)\"|(?P<plain>(?!['\"])[^\r\n]*)")
_END = re.compile(_BLANK + r"(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)")
_REST = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_SPACE = re.compile(r"(?:\s+|#[^\r\n]*)*")
_NEWLINE = re.compile(r"\r\n|\r|\n")

_SINGLE_ESCAPE = re.compile(r"\\[\\']")
_DOUBLE_ESCAPE = re.compile(r"\\[\\'\"abfnrtv]")
_MEANING = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_VARIABLE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")


def parse(text: str) -> Iterator[Binding]:
    """What the lines of a file say, variables not replaced yet."""
    at = 0
    while True:
        at = _end_of(_SPACE, text, at)
        if at >= len(text):
            return
        line = len(_NEWLINE.findall(text, 0, at)) + 1
        found = _binding(text, at)
        if found is None:
            yield None, None, line
            at = _end_of(_REST, text, at)
        else:
            name, value, at = found
            yield name, value, line


def _binding(text: str, at: int) -> Optional[Tuple[str, Optional[str], int]]:
    key = _KEY.match(text, _end_of(_EXPORT, text, at))
    if key is None:
        return None
    name = key["quoted"] or key["plain"]
    value: Optional[str] = None
    at = key.end()
    equals = _EQUALS.match(text, at)
    if equals is not None:
        found = _VALUE.match(text, equals.end())
        if found is None:
            return None
        value = _decode(found)
        at = found.end()
    end = _END.match(text, at)
    return None if end is None else (name, value, end.end())


def _decode(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return _SINGLE_ESCAPE.sub(lambda escape: escape[0][1], found["single"])
    if found["double"] is not None:
        return _DOUBLE_ESCAPE.sub(lambda escape: _MEANING.get(escape[0][1], escape[0][1]), found["double"])
    return re.sub(r"\s+#.*", "", found["plain"]).rstrip()


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def values(bindings: Iterable[Binding], environment: Mapping[str, str]) -> Dict[str, str]:
    """The variables that *bindings* set, those that their values mention replaced: by the environment's, else the file's."""
    found: Dict[str, str] = {}

    def resolve(variable: re.Match[str]) -> str:
        name = variable["name"]
        return environment.get(name, found.get(name, variable["default"] or ""))

    for name, value, _ in bindings:
        if name is not None and value is not None:
            found[name] = _VARIABLE.sub(resolve, value)
    return found


def find(name: str, folder: str) -> Optional[str]:
    """The file of this name in the folder, or in the nearest of those around it."""
    folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def load(folder: str, environment: MutableMapping[str, str]) -> Tuple[List[str], List[str]]:
    """Adds to the environment what the files for the folder say. Returns their paths, and what is wrong with their lines."""
    paths: List[str] = []
    problems: List[str] = []
    for path in (find(name, folder) for name in FILES):
        if path is None:
            continue
        paths.append(path)
        bindings = list(parse(_read(path)))
        for name, value, line in bindings:
            if name is None or (value is not None and "\0" in name + value):
                problems.append("{}, line {}: this is no NAME=value, and ignored".format(path, line))
        for name, value in values(bindings, environment).items():
            if "\0" not in name + value:
                environment.setdefault(name, value)
    return paths, problems


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError("{} cannot be read: {}".format(path, error)) from None
