"""Tells the front whether the worker is alive and what it is doing, and ends it when the front has given it up.

The front asks by a byte on a socket of its own (docs/channel.md, "The watch"): the event loop answers, or, where threads run
the application, a thread that does nothing else. A worker of one thread is never asked.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from types import FrameType
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

ALIVE = ord("p")
STACKS = ord("s")

#: Where this module's own frames are, which tell nothing.
_FOLDER = os.path.dirname(os.path.abspath(__file__))

#: How much is written about threads and tasks at most, in characters, and how deep.
_MOST = 200000
_MOST_TASKS = 200
_MOST_FRAMES = 60


class Watch:
    """The worker's end of the watch."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self._socket: int = config["socket"]
        self._memory: int = config["memory"]
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        for descriptor in (self._socket, self._memory):
            os.set_inheritable(descriptor, False)
        # The handler runs in the kernel's time, not in the interpreter's: it needs neither the GIL nor the main thread.
        faulthandler.register(config["signal"], file=self._memory, all_threads=True)
        signal.signal(signal.SIGABRT, self._abort)

    def start_thread(self) -> None:
        """Answers on a thread, which gets to run as long as the application's threads let the GIL go."""
        os.set_blocking(self._socket, True)
        threading.Thread(target=self._serve, name="darter-watch", daemon=True).start()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answers by an event loop, as long as nothing blocks it."""
        self._loop = loop
        os.set_blocking(self._socket, False)
        loop.add_reader(self._socket, self._answer)

    def detach(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop = None

    def _serve(self) -> None:
        while self._answer():
            pass

    def _answer(self) -> bool:
        try:
            questions = os.read(self._socket, 64)
        except BlockingIOError:
            return True
        except OSError:
            questions = b""
        if not questions:
            # The front is gone, and the kernel ends this process.
            self.detach()
            return False
        for question in questions:
            if question == STACKS:
                os.ftruncate(self._memory, 0)
                os.lseek(self._memory, 0, os.SEEK_SET)
                self._write("".join(_threads()) + "".join(self._tasks()))
            os.write(self._socket, bytes([question]))
        return True

    def _abort(self, number: int, frame: Any) -> None:
        """SIGABRT: the front has given the worker up. It may clean up; it is killed a moment later."""
        self._write("".join(self._tasks()))
        sys.exit(1)

    def _tasks(self) -> Iterator[str]:
        loop = self._loop
        if loop is None:
            return
        import asyncio

        tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
        for task in tasks[:_MOST_TASKS]:
            yield "Task {!r}:\n".format(task.get_name())
            for line in _stack_of(task.get_coro()):
                yield line
        if len(tasks) > _MOST_TASKS:
            yield "... and {} more tasks\n".format(len(tasks) - _MOST_TASKS)

    def _write(self, text: str) -> None:
        try:
            os.write(self._memory, text[:_MOST].encode("utf-8", "replace"))
        except OSError:
            pass


def _threads() -> Iterator[str]:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own = threading.get_ident()
    for ident, frame in sys._current_frames().items():
        if ident == own and names.get(ident) == "darter-watch":
            continue
        yield "Thread {} {!r}:\n".format(hex(ident), names.get(ident, "?"))
        stack = [entry for entry in traceback.extract_stack(frame) if entry.filename != __file__]
        for line in traceback.format_list(stack[-_MOST_FRAMES:]):
            yield line


def _stack_of(coroutine: Any) -> List[str]:
    """Where a coroutine that is suspended has got to: its frame, then that of what it awaits, and so on."""
    entries: List[Tuple[FrameType, int]] = []
    while coroutine is not None and len(entries) < _MOST_FRAMES:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None) or getattr(coroutine, "ag_frame", None)
        if frame is not None:
            entries.append((frame, frame.f_lineno))
        coroutine = (
            getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None) or getattr(coroutine, "ag_await", None)
        )
    return traceback.StackSummary.extract(iter(entries)).format() or ["  (nothing is known about it)\n"]
