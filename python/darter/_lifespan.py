"""The lifespan of an ASGI application: its startup before the worker is ready, its shutdown before the worker ends."""

from __future__ import annotations

import asyncio
import traceback

from darter.target import StartupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, MutableMapping, Optional

    Message = MutableMapping[str, Any]
    State = Dict[str, Any]


class Lifespan:
    """Runs the application with a scope of the type ``lifespan`` in a task of its own.

    ``mode`` is ``on``, ``off`` or ``auto``: the same as ``on``, but an application that raises an exception before it has
    started is taken to know no lifespan.
    """

    def __init__(self, application: Callable[..., Awaitable[None]], mode: str, state: State) -> None:
        self._application = application
        self._mode = mode
        self._state = state
        self._events: "asyncio.Queue[Message]" = asyncio.Queue()
        self._task: "Optional[asyncio.Task[None]]" = None
        self._started = False
        self._startup_failure: Optional[str] = None
        self._startup_error: Optional[BaseException] = None
        self._shutdown_failure: Optional[str] = None
        self._answered: "asyncio.Event" = asyncio.Event()

    async def startup(self) -> None:
        """Returns when the application has started; raises StartupError if it does not."""
        if self._mode == "off":
            return
        self._task = asyncio.ensure_future(self._run())
        await self._ask("lifespan.startup")
        if self._startup_failure is not None:
            await self._end()
            raise StartupError(self._startup_failure) from self._startup_error
        self._startup_error = None

    async def shutdown(self) -> Optional[str]:
        """Returns when the application has shut down, with its message if that failed."""
        if not self._started or self._task is None:
            return None
        if self._task.done():
            return self._shutdown_failure
        await self._ask("lifespan.shutdown")
        await self._end()
        return self._shutdown_failure

    async def _ask(self, event: str) -> None:
        assert self._task is not None
        self._answered.clear()
        self._events.put_nowait({"type": event})
        answered = asyncio.ensure_future(self._answered.wait())
        await asyncio.wait({answered, self._task}, return_when=asyncio.FIRST_COMPLETED)
        answered.cancel()

    async def _end(self) -> None:
        """Lets the task come to its end."""
        assert self._task is not None
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self._application(scope, self._events.get, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            if self._started:
                self._shutdown_failure = self._shutdown_failure or text
                return
            self._startup_error = error
            if self._mode == "on" or not isinstance(error, Exception):
                self._startup_failure = self._startup_failure or text
        else:
            if not self._started and self._mode == "on" and self._startup_failure is None:
                self._startup_failure = "The application returned from its lifespan without having started (--lifespan on)."

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "lifespan.startup.complete" and not self._started:
            self._started = True
        elif kind == "lifespan.startup.failed" and not self._started:
            self._startup_failure = str(message.get("message") or "The application says that its startup failed.")
        elif kind == "lifespan.shutdown.complete" and self._started:
            pass
        elif kind == "lifespan.shutdown.failed" and self._started:
            self._shutdown_failure = str(message.get("message") or "The application says that its shutdown failed.")
        else:
            raise RuntimeError("unexpected ASGI message '{}'".format(kind))
        self._answered.set()
