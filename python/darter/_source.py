"""Tells from a file's source whether it has an application, so that only the file which has one is imported."""

from __future__ import annotations

import ast

from darter._frameworks import NAMES
from darter.target import ATTRIBUTES, FACTORIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Iterator, List, Optional, Tuple, Union

    Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]

#: What a look at a file comes to. SURE: it says so, or cannot be parsed, which its import is to show. MAYBE: it imports
#: names with an asterisk.
NO, MAYBE, SURE = 0, 1, 2


class Source:
    """A file that may have an application."""

    def __init__(self, path: str) -> None:
        self.path = path
        #: NO, MAYBE or SURE.
        self.verdict = NO
        #: Why it does not count although it looks like it.
        self.remark = ""
        #: Whether it makes an object of a known class itself.
        self.makes_one = False
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read(), path)
        except (SyntaxError, ValueError):
            self.verdict = SURE
        except OSError as error:
            self.remark = error.strerror or str(error)
        else:
            self._look(tree)

    def _look(self, tree: ast.Module) -> None:
        made: List[str] = []
        for statement in _statements(tree.body):
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._function(statement)
            elif isinstance(statement, ast.ImportFrom):
                self._imported(statement)
            else:
                for name, value in _assigned(statement):
                    if _is_made(value):
                        made.append(name)
                    if name in ATTRIBUTES or name in FACTORIES:
                        self.verdict = SURE
        self.makes_one = bool(made)
        if len(made) == 1:
            self.verdict = SURE
        elif made and not self.verdict:
            self.remark = "has more than one application: {}".format(" and ".join(made))

    def _function(self, function: Function) -> None:
        if function.name in ATTRIBUTES:
            self.verdict = SURE
        elif function.name in FACTORIES:
            arguments = function.args
            needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults) + arguments.kw_defaults.count(None)
            if needed <= 0:
                self.verdict = SURE
            else:
                self.remark = "has {}(), which needs arguments".format(function.name)

    def _imported(self, statement: ast.ImportFrom) -> None:
        for alias in statement.names:
            name = alias.asname or alias.name
            if name == "*":
                self.verdict = max(self.verdict, MAYBE)
            elif name in ATTRIBUTES or name in FACTORIES:
                # It may be a module: "from . import app" names one as well.
                self.verdict = max(self.verdict, MAYBE if not statement.module else SURE)


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Those that a module executes, also under a condition."""
    for statement in body:
        if isinstance(statement, ast.If) and _is_main(statement.test):
            body_of_main: List[ast.stmt] = statement.orelse
            yield from _statements(body_of_main)
            continue
        yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, part, ()))
            for handler in getattr(statement, "handlers", ()):
                yield from _statements(handler.body)


def _is_main(test: ast.expr) -> bool:
    """``__name__ == "__main__"``: what follows is not executed when a module is imported."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _assigned(statement: ast.stmt) -> Iterator[Tuple[str, Optional[ast.expr]]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value
            elif isinstance(target, (ast.Tuple, ast.List)):
                for element in target.elts:
                    if isinstance(element, ast.Name):
                        yield element.id, None
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
        yield statement.target.id, statement.value
    elif isinstance(statement, ast.ClassDef):
        yield statement.name, None


def _is_made(value: Optional[ast.expr]) -> bool:
    """Whether it is a call of a known class, by its name."""
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in NAMES
