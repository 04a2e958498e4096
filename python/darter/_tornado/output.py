"""Sends messages without waiting for it, as Tornado's writing methods do, and tells by futures when they are through."""

from __future__ import annotations

import asyncio
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Deque, Dict, Optional, Tuple

    Waiting = Tuple[Awaitable[None], "asyncio.Future[None]"]


class Output:
    """A wrapper of ``send``.

    The gateway's ``send`` acts when it is called, and what it returns is to be awaited only to hear that the front has
    taken everything. That is the case at once unless the client is slow, so no task is needed then. A ``send`` that
    others have wrapped acts when it is awaited: one task does that, in order.
    """

    __slots__ = ("_send", "error", "_waiting", "_task", "_done")

    def __init__(self, send: Callable[[Dict[str, Any]], Awaitable[None]], error: Callable[[], BaseException]) -> None:
        """*error* makes the exception that tells an application that its client is gone."""
        self._send = send
        self.error = error
        self._waiting: Deque[Waiting] = deque()
        self._task: Optional[asyncio.Task[None]] = None
        self._done: Optional[asyncio.Future[None]] = None

    @property
    def is_drained(self) -> bool:
        """Whether the front has all that was sent."""
        return not self._waiting

    def send(self, message: Dict[str, Any]) -> "asyncio.Future[None]":
        """Sends a message. The future has an exception if the client is gone; what is wrong with the message is raised."""
        try:
            awaitable = self._send(message)
        except OSError:
            return self.failed()
        if type(awaitable).__name__ == "Done" and not self._waiting:
            return self.done()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((awaitable, future))
        if self._task is None:
            self._task = asyncio.ensure_future(self._wait())
        return future

    def done(self) -> "asyncio.Future[None]":
        """A future that is done."""
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
            self._done.set_result(None)
        return self._done

    def failed(self) -> "asyncio.Future[None]":
        """A future of somebody whose client is gone."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._fail(future, self.error())
        return future

    async def is_refused(self) -> bool:
        """Whether the client is gone for good, and has not just ended its side of the connection."""
        try:
            # It is sent to nobody, and not allowed any more when the response has begun.
            await self._send({"type": "http.response.debug", "info": {}})
        except OSError:
            return True
        except RuntimeError:
            pass
        return False

    async def drain(self) -> None:
        """Waits until nothing waits."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _wait(self) -> None:
        try:
            while self._waiting:
                awaitable, future = self._waiting[0]
                try:
                    await awaitable
                except OSError:
                    self._fail(future, self.error())
                except Exception as error:
                    if not future.done():
                        future.set_exception(error)
                else:
                    if not future.done():
                        future.set_result(None)
                self._waiting.popleft()
        finally:
            self._task = None

    @staticmethod
    def _fail(future: "asyncio.Future[None]", error: BaseException) -> None:
        if not future.done():
            future.set_exception(error)
            # Nobody has to look at it: that a client leaves is no mistake.
            future.exception()
