"""The last exceptions that were shown, with their frames, for the consoles in them."""

from __future__ import annotations

import collections
import contextvars
import secrets
import threading

from darter.debugger._console import Console

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Dict, Iterable, List, Optional

    from darter.debugger._trace import Trace

#: Exceptions that are kept; of older ones the page can be looked at, but nothing can be run any more.
KEPT = 20


class Record:
    """An exception that was shown. It is made where the exception was caught: there the context variables are its own."""

    def __init__(self, trace: Trace, surroundings: Iterable[Any]) -> None:
        self.id = secrets.token_urlsafe(9)
        self._frames = [frame.live for frame in trace.frames]
        self._surroundings = list(surroundings)
        self._context = contextvars.copy_context()
        self._consoles: Dict[int, Console] = {}
        self._lock = threading.Lock()

    def console(self, number: Any, loop: Optional[asyncio.AbstractEventLoop]) -> Optional[Console]:
        """The console of a frame; None if there is no such frame."""
        if type(number) is not int or not 0 <= number < len(self._frames):
            return None
        with self._lock:
            console = self._consoles.get(number)
            if console is None:
                console = self._consoles[number] = Console(self._frames[number], self._context, self._surroundings, loop)
            return console


class History:
    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._records: collections.OrderedDict[str, Record] = collections.OrderedDict()
        self._lock = threading.Lock()

    def add(self, record: Record) -> None:
        dropped: List[Record] = []
        with self._lock:
            self._records[record.id] = record
            while len(self._records) > self._kept:
                dropped.append(self._records.popitem(last=False)[1])
        # What they free may run code of the application: not under the lock.
        dropped.clear()

    def find(self, id: Any) -> Optional[Record]:
        with self._lock:
            return self._records.get(id) if isinstance(id, str) else None
