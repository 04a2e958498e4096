"""What is printed while something is evaluated, apart from what the rest of the process prints meanwhile."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional

#: Characters of output that are kept.
LENGTH = 100_000


class Output:
    """Where an evaluation prints to."""

    def __init__(self, names: Dict[str, Any]) -> None:
        self._names = names
        self._parts: List[str] = []
        self._left = LENGTH

    def write(self, text: str) -> None:
        if self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)

    def show(self, value: Any) -> None:
        """As sys.displayhook, with ``_`` in the console's names."""
        if value is not None:
            self._names["_"] = None
            self.write(repr(value) + "\n")
            self._names["_"] = value

    @property
    def text(self) -> str:
        return "".join(self._parts) + ("" if self._left >= 0 else "\n… the rest of the output is left out\n")


class _Stream:
    """Stands for sys.stdout or sys.stderr while anything is evaluated."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def write(self, text: str) -> int:
        output = _current.get()
        if output is not None:
            output.write(text)
        elif self._original is not None:
            self._original.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if _current.get() is None and self._original is not None:
            self._original.flush()

    def isatty(self) -> bool:
        return _current.get() is None and self._original is not None and bool(self._original.isatty())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


class _Switch:
    """Puts the streams in their place when the first evaluation begins, and takes them away when the last has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._originals: Dict[str, Any] = {}
        self._ours: Dict[str, Any] = {}

    def begin(self) -> None:
        with self._lock:
            self._count += 1
            if self._count == 1:
                self._originals = {name: getattr(sys, name) for name in ("stdout", "stderr", "displayhook")}
                self._ours = {"stdout": _Stream(sys.stdout), "stderr": _Stream(sys.stderr), "displayhook": self._display}
                for name, stream in self._ours.items():
                    setattr(sys, name, stream)

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0:
                for name, stream in self._ours.items():
                    # Somebody may have put another one there.
                    if getattr(sys, name) is stream:
                        setattr(sys, name, self._originals[name])
                self._originals, self._ours = {}, {}

    def _display(self, value: Any) -> None:
        output = _current.get()
        if output is not None:
            output.show(value)
        else:
            sys.__displayhook__(value)


#: Of the context, not of the thread: what is awaited runs in the loop's thread.
_current: contextvars.ContextVar[Optional[Output]] = contextvars.ContextVar("darter_output", default=None)
_switch = _Switch()


@contextlib.contextmanager
def captured(output: Output) -> Iterator[None]:
    """Has what this context prints go there."""
    _switch.begin()
    token = _current.set(output)
    try:
        yield
    finally:
        _current.reset(token)
        _switch.end()
