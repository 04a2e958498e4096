"""An exception as it is shown: its frames with their source and variables, what caused it, the exceptions of a group."""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig

from darter.debugger._source import Source, Span, span_of
from darter.debugger._values import MASK, Reprs, is_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any, Iterator, List, Optional, Set, Tuple

#: Frames of one exception: of more, as many of the first and of the last.
FRAMES = 60
#: Variables of a frame; variables in all, beyond which frames are shown without.
VARIABLES = 80
ALL_VARIABLES = 3000
#: Exceptions of a group and depth of groups, as the module traceback has them; exceptions in all.
MEMBERS = 15
GROUPS = 10
EXCEPTIONS = 60
#: Characters of a message.
MESSAGE = 20000

_DARTER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Frame:
    """A frame of a traceback."""

    def __init__(self, trace: TracebackType, number: int) -> None:
        self.live: FrameType = trace.tb_frame
        #: Its number among all frames of the record.
        self.number = number
        code = self.live.f_code
        self.file = code.co_filename
        self.function: str = getattr(code, "co_qualname", code.co_name)
        self.source = Source(self.file, span_of(trace), self.live.f_globals)
        module = self.live.f_globals.get("__name__")
        self.module = module if isinstance(module, str) else ""
        self.is_library = is_library(self.file)
        self.variables: List[Tuple[str, str]] = []
        self.more_variables = 0

    @property
    def line(self) -> int:
        return self.source.span.line


class Raised:
    """An exception: ``relation`` says what it is to the one it is shown with (``cause``, ``context``, ``member`` or nothing)."""

    def __init__(self, error: BaseException, relation: str) -> None:
        self.relation = relation
        self.type = type_name(type(error))
        self.message = message_of(error)
        self.notes = _notes(error)
        self.frames: List[Frame] = []
        #: Frames left out after the first half.
        self.frames_left_out = 0
        #: Where a SyntaxError is.
        self.place: Optional[Tuple[str, Source]] = _syntax(error) if isinstance(error, SyntaxError) else None
        #: The exceptions that led to it, the nearest first.
        self.chain: List[Raised] = []
        self.members: List[Raised] = []
        self.members_left_out = 0

    def walk(self) -> Iterator[Raised]:
        """This one and all that are shown with it."""
        yield self
        for other in self.chain + self.members:
            yield from other.walk()


class Trace:
    """All that is shown of an exception, as it is now; it keeps the frames alive."""

    def __init__(self, error: BaseException) -> None:
        self._seen: Set[int] = set()
        self.frames: List[Frame] = []
        self.raised = self._read(error, "", 0)
        with Reprs() as reprs:
            self._read_variables(reprs)

    def _read(self, error: BaseException, relation: str, depth: int) -> Raised:
        raised = self._read_one(error, relation, depth)
        following: Optional[BaseException] = error
        while following is not None and len(self._seen) < EXCEPTIONS:
            relation, following = _before(following)
            if following is None or id(following) in self._seen:
                break
            raised.chain.append(self._read_one(following, relation, depth))
        return raised

    def _read_one(self, error: BaseException, relation: str, depth: int) -> Raised:
        self._seen.add(id(error))
        raised = Raised(error, relation)
        entries = entries_of(error.__traceback__)
        if len(entries) > FRAMES:
            raised.frames_left_out = len(entries) - FRAMES
            entries[FRAMES // 2 : len(entries) - FRAMES // 2] = []
        for entry in entries:
            frame = Frame(entry, len(self.frames))
            self.frames.append(frame)
            raised.frames.append(frame)
        members = getattr(error, "exceptions", None) if is_group(error) else None
        if members:
            for member in members:
                if len(raised.members) == MEMBERS or depth == GROUPS or len(self._seen) >= EXCEPTIONS:
                    break
                if id(member) not in self._seen:
                    raised.members.append(self._read(member, "member", depth + 1))
            raised.members_left_out = len(members) - len(raised.members)
        return raised

    def _read_variables(self, reprs: Reprs) -> None:
        """Variables of the application's frames first: there may be more than can be shown."""
        left = ALL_VARIABLES
        for frame in sorted(self.frames, key=lambda frame: (frame.is_library, -frame.number)):
            try:
                variables = list(dict(frame.live.f_locals).items())
            except Exception:
                continue
            if frame.live.f_locals is frame.live.f_globals:
                variables = [entry for entry in variables if not _is_of_module(entry[0], entry[1])]
            shown = variables[: min(VARIABLES, left)]
            frame.more_variables = len(variables) - len(shown)
            left -= len(shown)
            frame.variables = [(str(name), MASK if is_secret(name) else reprs.of(value)) for name, value in shown]


def entries_of(trace: Optional[TracebackType]) -> List[TracebackType]:
    """The entries of a traceback, without those of Darter that lead to the application."""
    entries = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    begin = 0
    while begin < len(entries) and _leads_to_application(entries[begin].tb_frame.f_code.co_filename):
        begin += 1
    return entries[begin:]


def is_library(file: str) -> bool:
    """Whether a file is not the application's own: Python's, an installed package's, or Darter's."""
    if file.startswith("<"):
        return file.startswith("<frozen")
    path = os.path.abspath(file)
    if any(part in path for part in ("/site-packages/", "/dist-packages/")):
        return True
    return path.startswith(_libraries)


def is_group(error: BaseException) -> bool:
    group = getattr(sys.modules["builtins"], "BaseExceptionGroup", None)
    return group is not None and isinstance(error, group)


def type_name(kind: type) -> str:
    """The name of an exception's type, with its module unless it is built in."""
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", "?")
    return str(name) if module in ("builtins", "__main__") or not isinstance(module, str) else "{}.{}".format(module, name)


def message_of(error: BaseException) -> str:
    try:
        if isinstance(error, SyntaxError) and error.msg:
            return str(error.msg)[:MESSAGE]
        return str(error)[:MESSAGE]
    except BaseException as failure:
        return "<its str() raises {}>".format(type(failure).__name__)


def _notes(error: BaseException) -> List[str]:
    # PEP 678. Nothing keeps an application from putting something else there.
    try:
        return [str(note)[:MESSAGE] for note in getattr(error, "__notes__", ())]
    except Exception:
        return ["<its notes cannot be shown>"]


def _before(error: BaseException) -> Tuple[str, Optional[BaseException]]:
    if error.__cause__ is not None:
        return "cause", error.__cause__
    return "context", None if error.__suppress_context__ else error.__context__


def _syntax(error: SyntaxError) -> Optional[Tuple[str, Source]]:
    if not error.filename or not error.lineno:
        return None
    column, end_line, end_column = None, getattr(error, "end_lineno", None), getattr(error, "end_offset", None)
    if error.offset:
        column = error.offset - 1
        if not end_column or end_column <= error.offset and end_line in (None, 0, error.lineno):
            end_line, end_column = error.lineno, error.offset + 1
        end_column -= 1
    source = Source(error.filename, Span(error.lineno, end_line or None, column, end_column))
    if not source.lines and error.text:
        source.first, source.lines = error.lineno, [error.text.rstrip("\r\n")]
        source.all = [""] * (error.lineno - 1) + source.lines
    return error.filename, source


def _is_of_module(name: str, value: Any) -> bool:
    """What a module has that tells nothing of an error in it: imported modules, functions, classes, dunder names."""
    # Not isinstance: proxies such as Flask's look up what they stand for, which may not be there.
    return name.startswith("__") or issubclass(type(value), (type, type(os), type(_notes), type(len)))


def _leads_to_application(file: str) -> bool:
    return file.startswith(_DARTER + os.sep) or file.startswith("<frozen importlib") or file == importlib.__file__


#: Folders of what is no application's own code.
_libraries = tuple(
    {os.path.abspath(path) + os.sep for name, path in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {_DARTER + os.sep, os.path.dirname(os.path.abspath(os.__file__)) + os.sep}
)
