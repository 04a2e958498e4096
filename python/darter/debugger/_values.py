"""Texts of values, for people: short however large the value is, and there however its repr() behaves."""

from __future__ import annotations

import collections
import contextvars
import itertools
import re
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List, Optional, Tuple

#: Characters of one value's text.
LENGTH = 1200
#: Entries of a container, and how deep containers are shown within each other.
COUNT = 40
DEPTH = 4
#: Bits of an integer from which on its digits are not worked out: that takes a time that grows with their square.
_BITS = 4096

#: Names whose values are not shown: a page is soon shown to others, in a screenshot or on a projector.
_SECRET = re.compile(r"secret|passw|passphrase|token|api_?key|private_?key|access_?key|credential|signature", re.IGNORECASE)
MASK = "••••••••"


def is_secret(name: Any) -> bool:
    """Whether a value of this name is likely to be a secret."""
    return isinstance(name, str) and len(name) < 200 and _SECRET.search(name) is not None


class Reprs:
    """Gives texts of values within a time: what takes longer is left in a thread of its own, and not shown.

    repr() is the application's code: it may ask a database, raise anything, or never end. A thread can be left alone, which is
    more than can be said of a call. It sees the context variables of the caller.
    """

    #: Seconds for one value, and how many may take longer before no others are asked.
    TIME = 1.0
    SLOW = 3

    def __init__(self, time: Optional[float] = None) -> None:
        self._time = self.TIME if time is None else time
        self._slow = 0
        self._thread: Optional[_Renderer] = None

    def __enter__(self) -> Reprs:
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._thread is not None:
            self._thread.end()

    def of(self, value: Any) -> str:
        """The text of one value."""
        if type(value) in _PLAIN:
            return shorten(value)
        if self._slow >= self.SLOW:
            return "<{}: not shown, other values took too long>".format(type(value).__name__)
        if self._thread is None:
            self._thread = _Renderer()
        text = self._thread.render(value, self._time)
        if text is None:
            self._thread = None
            self._slow += 1
            return "<{}: its repr() takes longer than {:g} s>".format(type(value).__name__, self._time)
        return text


class _Renderer:
    """A thread that makes texts, one after another."""

    def __init__(self) -> None:
        self._asked = threading.Semaphore(0)
        self._answered = threading.Semaphore(0)
        self._value: Any = None
        self._text = ""
        self._ended = False
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), name="darter-repr", daemon=True).start()

    def render(self, value: Any, time: float) -> Optional[str]:
        """None if it takes longer; the thread is of no use then."""
        self._value = value
        self._asked.release()
        if self._answered.acquire(timeout=time):
            return self._text
        self.end()
        return None

    def end(self) -> None:
        self._ended = True
        self._asked.release()

    def _run(self) -> None:
        while True:
            self._asked.acquire()
            value, self._value = self._value, None
            if self._ended:
                return
            self._text = shorten(value)
            del value
            self._answered.release()


def shorten(value: Any, length: int = LENGTH) -> str:
    """The text of a value, without a limit of time."""
    try:
        text = _text(value, DEPTH, length)
    except RecursionError:
        text = "<{}: nested too deeply>".format(type(value).__name__)
    except BaseException as error:
        # Another thread changes it, or it is stranger than that.
        text = "<{}: cannot be shown: {}>".format(type(value).__name__, type(error).__name__)
    return text if len(text) <= length else text[:length] + "…"


def _text(value: Any, depth: int, length: int) -> str:
    kind = type(value)
    if kind in (str, bytes, bytearray):
        return _cut(value, length)
    if kind is int:
        return repr(value) if value.bit_length() <= _BITS else "<int of {} bits>".format(value.bit_length())
    # Only containers that show themselves as these do; what others say of themselves is better than what could be guessed.
    shown = getattr(kind, "__repr__", None)
    if shown in _SEQUENCES:
        opening, closing = _SEQUENCES[shown]
        if not value:
            return repr(value)
        if kind is tuple and len(value) == 1:
            closing = ",)"
        if not depth:
            return opening + "…" + closing
        return opening + _entries(value, len(value), lambda entry: _text(entry, depth - 1, length // 2), length) + closing
    if shown is dict.__repr__ or kind in _DICTIONARIES:
        if not depth:
            return "{…}"
        pairs = _entries(value.items(), len(value), lambda pair: _pair(pair, depth - 1, length // 2), length)
        return "{}{{{}}}".format("" if kind is dict else kind.__name__ + " ", pairs)
    return _cut_repr(value, length)


def _entries(entries: Iterable[Any], count: int, text: Callable[[Any], str], length: int) -> str:
    texts: List[str] = []
    total = 0
    for entry in itertools.islice(entries, COUNT):
        texts.append(text(entry))
        total += len(texts[-1])
        if total > length:
            break
    if count > len(texts):
        texts.append("… {} more".format(count - len(texts)))
    return ", ".join(texts)


def _pair(pair: Tuple[Any, Any], depth: int, length: int) -> str:
    key, value = pair
    return "{}: {}".format(_text(key, depth, length), MASK if is_secret(key) else _text(value, depth, length))


def _cut(value: Any, length: int) -> str:
    if len(value) <= length:
        return repr(value)
    return "{}… {} in all".format(repr(value[:length])[:length], len(value))


def _cut_repr(value: Any, length: int) -> str:
    try:
        text = repr(value)
        if type(text) is not str:
            text = str.__str__(text)
    except RecursionError:
        raise
    except BaseException as error:
        try:
            return "<{}: its repr() raises {}: {}>".format(type(value).__name__, type(error).__name__, str(error)[:200])
        except Exception:
            return "<{}: its repr() raises {}>".format(type(value).__name__, type(error).__name__)
    return text if len(text) <= length else text[:length] + "…"


#: Their texts are made here, so they need no thread.
_PLAIN = (str, bytes, bytearray, int, float, bool, type(None))
_SEQUENCES = {
    list.__repr__: ("[", "]"),
    tuple.__repr__: ("(", ")"),
    set.__repr__: ("{", "}"),
    frozenset.__repr__: ("frozenset({", "})"),
}
_DICTIONARIES = (collections.OrderedDict, collections.defaultdict)
