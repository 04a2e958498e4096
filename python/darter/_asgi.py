"""The parts of the ASGI gateway that are Python objects: the loop's side of it. All that is done per message is in libdarter.so."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import stat
import traceback

from darter._library import ERROR, INFORMATION
from darter._lifespan import Lifespan
from darter._loop import HAS_EAGER_TASKS, makes_plain_tasks, new_event_loop
from darter._output import errors
from darter.interface import asgi_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple, TypeVar

    from darter._library import Channel
    from darter._lifespan import State
    from darter._watch import Watch

    Result = TypeVar("Result")
    Region = Tuple[int, int, int]


class ClientDisconnected(ConnectionError):
    """The client went away; send() raises it."""


async def _wrap(awaitable: Awaitable[None]) -> None:
    await awaitable


class Settings:
    """What the library reads when it begins to serve a channel."""

    client_disconnected = ClientDisconnected
    cancelled_error = asyncio.CancelledError
    has_eager_tasks = HAS_EAGER_TASKS
    eager_names = ("loop", "eager_start")
    asgi = {"version": "3.0", "spec_version": "2.5"}
    http_extensions: Dict[str, Any] = {
        "http.response.pathsend": {},
        "http.response.zerocopysend": {},
        "http.response.trailers": {},
        "http.response.debug": {},
    }
    http1_extensions: Dict[str, Any] = dict(http_extensions, **{"http.response.early_hint": {}})
    websocket_extensions: Dict[str, Any] = {"websocket.http.response": {}}
    wrap = staticmethod(_wrap)

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        channel: Channel,
        state: State,
        config: Dict[str, Any],
        finished: Callable[[], None],
    ) -> None:
        self.loop = loop
        self.call_soon = loop.call_soon
        self.loop_attributes = getattr(loop, "__dict__", None)
        self.create_task = loop.create_task
        self.new_task = self._task_maker()
        self.task_factory = loop.get_task_factory
        self.state = state
        self.root_path = config.get("rootPath", "")
        self.websocket_queue = config.get("wsMaxQueue", 32)
        self.finished = finished
        self._channel = channel
        self._writable: Callable[[], None] = finished

    def attach(self, readable: Callable[[], None], writable: Callable[[], None]) -> None:
        """Has the loop read the channel."""
        self._writable = writable
        self.loop.add_reader(self._channel.socket, readable)

    def detach(self) -> None:
        self.loop.remove_reader(self._channel.socket)
        self.loop.remove_writer(self._channel.socket)

    def watch_writing(self, wanted: bool) -> None:
        if wanted:
            self.loop.add_writer(self._channel.socket, self._writable)
        else:
            self.loop.remove_writer(self._channel.socket)

    def wake_soon(self, callback: Callable[[Any], None], argument: Any, context: Any) -> None:
        self.loop.call_soon(callback, argument, context=context)

    def step_soon(self, callback: Callable[[], None], context: Any) -> None:
        self.loop.call_soon(callback, context=context)

    def _task_maker(self) -> Optional[Callable[..., "asyncio.Task[None]"]]:
        """What makes a task that takes its first step at once, or, before there were such tasks, one whose first step is taken
        from the loop. None: only the loop can make tasks."""
        if not makes_plain_tasks(self.loop):
            return None
        if HAS_EAGER_TASKS:
            return asyncio.Task
        return None if self.loop_attributes is None else functools.partial(asyncio.Task, loop=self.loop)

    @staticmethod
    def file_region(message: Dict[str, Any]) -> Region:
        """Descriptor, offset and length of what http.response.zerocopysend names; a file read from its position moves on."""
        file = message["file"]
        descriptor = file if isinstance(file, int) else file.fileno()
        position = message.get("offset")
        offset = position
        if offset is None:
            offset = os.lseek(descriptor, 0, os.SEEK_CUR) if isinstance(file, int) else file.tell()
        length = _length_from(descriptor, offset)
        count = message.get("count")
        if count is not None:
            length = min(length, count)
        if position is None:
            if isinstance(file, int):
                os.lseek(descriptor, offset + length, os.SEEK_SET)
            else:
                file.seek(offset + length)
        return descriptor, offset, length

    @staticmethod
    def path_region(message: Dict[str, Any]) -> Region:
        """The same of http.response.pathsend; the descriptor is the caller's."""
        descriptor = os.open(message["path"], os.O_RDONLY | os.O_CLOEXEC)
        try:
            return descriptor, 0, _length_from(descriptor, 0)
        except BaseException:
            os.close(descriptor)
            raise

    @staticmethod
    def report(scope: Optional[Dict[str, Any]], error: Optional[BaseException], text: str, disconnected: bool) -> None:
        """Tells the operator what the application did wrong."""
        if disconnected and comes_from_disconnect(error):
            return
        request = _describe(scope)
        if error is None:
            lines = "darter: {}{}\n".format(text, request)
        else:
            trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            lines = "darter: exception{}\n{}".format(request, trace)
        stream = errors()
        if stream is not None:
            stream.write(lines)
            stream.flush()


class Server:
    """Serves an application on all channels, by one loop, until they end."""

    def __init__(
        self,
        channels: List[Channel],
        application: Any,
        config: Dict[str, Any],
        watch: Optional[Watch] = None,
        interface: str = "asgi",
        loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> None:
        """*interface*: what the application is to the operator. *loop*: the one to use instead of a new one."""
        self._channels = channels
        self._watch = watch
        self._application = asgi_callable(application)
        self._interface = interface
        # The lifespan is ASGI's own.
        self._mode = config.get("lifespan", "auto") if interface == "asgi" else "off"
        self._config = config
        self._settings: List[Settings] = []
        self._stops: List[Callable[[], None]] = []
        self._unfinished = len(channels)
        self._state: State = {}
        self._is_stopping = False
        self._loop = loop or new_event_loop(config.get("loop", "auto"))
        self._lifespan: Optional[Lifespan] = None

    def start(self) -> None:
        """Starts the application. An exception says why it does not start; nothing is to be closed then."""
        asyncio.set_event_loop(self._loop)
        self._watch_sigterm()
        try:
            self._lifespan = self._call(self._new_lifespan())
            self._call(self._lifespan.startup())
        except BaseException:
            self._close()
            raise

    def run(self) -> None:
        """Says that the worker is ready, and serves until the channels end."""
        try:
            self._serve()
        finally:
            self._close()
            for channel in self._channels:
                channel.close()

    def _serve(self) -> None:
        assert self._lifespan is not None
        if len(self._channels) > 1:
            self._channels[0].log(INFORMATION, "threads are of no use to this application: it runs in one event loop")
        self._call(self._wait_for_channels())
        failure = self._call(self._lifespan.shutdown())
        if failure:
            self._channels[0].log(ERROR, "the application's shutdown failed: {}".format(failure.rstrip()))

    def _close(self) -> None:
        """Ends the loop as asyncio.run does."""
        loop = self._loop
        for settings in self._settings:
            settings.detach()
        if self._watch is not None:
            self._watch.detach()
        try:
            self._cancel_tasks()
            loop.run_until_complete(loop.shutdown_asyncgens())
            if hasattr(loop, "shutdown_default_executor"):
                loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()
            # The loop has taken its handler away; the worker is ending as it is.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _attach(self, finished: "asyncio.Future[None]") -> None:
        def one_finished() -> None:
            self._unfinished -= 1
            if self._unfinished == 0 and not finished.done():
                finished.set_result(None)

        for channel in self._channels:
            settings = Settings(self._loop, channel, self._state, self._config, one_finished)
            readable, writable, stop = channel.serve_asgi(self._application, settings)
            self._settings.append(settings)
            self._stops.append(stop)
            settings.attach(readable, writable)
            # What came with the hello is in the channel's buffer, where no loop sees it.
            readable()
            if self._is_stopping:
                stop()

    async def _new_lifespan(self) -> Lifespan:
        return Lifespan(self._application, self._mode, self._state)

    async def _wait_for_channels(self) -> None:
        finished: "asyncio.Future[None]" = self._loop.create_future()
        self._attach(finished)
        if self._watch is not None:
            self._watch.attach(self._loop)
        for channel in self._channels:
            channel.ready(self._interface)
        await asyncio.wait({finished})

    def _watch_sigterm(self) -> None:
        """SIGTERM stops the worker. A loop hears of it while it runs; uvloop never hears of what came in between."""
        self._loop.add_signal_handler(signal.SIGTERM, self._stop)
        of_loop = signal.getsignal(signal.SIGTERM)

        def note(number: int, frame: Any) -> None:
            self._is_stopping = True
            if callable(of_loop):
                of_loop(number, frame)

        signal.signal(signal.SIGTERM, note)

    def _call(self, coroutine: Awaitable[Result]) -> Result:
        """Runs the loop until this is done. What would end it before (an exit in a task) makes the worker stop instead."""
        task = asyncio.ensure_future(coroutine, loop=self._loop)
        while True:
            try:
                return self._loop.run_until_complete(task)
            except (SystemExit, KeyboardInterrupt):
                if task.done():
                    raise
                self._stop()
            except RuntimeError:
                # Somebody has stopped the loop itself, as IOLoop.stop() does.
                if task.done():
                    raise
                self._stop()

    def _stop(self) -> None:
        self._is_stopping = True
        for stop in self._stops:
            stop()

    def _cancel_tasks(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        for task in tasks:
            if not task.cancelled() and task.exception() is not None:
                self._loop.call_exception_handler(
                    {"message": "unhandled exception during shutdown", "exception": task.exception(), "task": task}
                )


def _length_from(descriptor: int, offset: int) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("only a regular file can be sent without being read")
    return max(0, status.st_size - offset)


def _describe(scope: Optional[Dict[str, Any]]) -> str:
    if not scope:
        return ""
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    return " in {} {}".format(scope.get("method", "WebSocket"), target)


def comes_from_disconnect(error: Optional[BaseException]) -> bool:
    """Whether an exception is, or was raised because of, ClientDisconnected: the client went away, nothing failed."""
    seen = 0
    while error is not None and seen < 16:
        if isinstance(error, ClientDisconnected):
            return True
        error = error.__cause__ or error.__context__
        seen += 1
    return False
