"""What a worker does once its process is set up: load the application, then serve it on every channel."""

from __future__ import annotations

import importlib
import os
import signal
import threading

from darter._library import DRAINED, ERROR, Library
from darter._output import redirect
from darter._watch import Watch
from darter.interface import interface_of
from darter.target import StartupError, TargetError, is_coroutine, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Dict, List, Optional

    from darter._hooks import WorkerHooks
    from darter._library import Channel
    from darter._sources import Sources
    from darter.debugger import Debugger

#: Exit status of a worker that could not load its application.
NOT_LOADED = 3


class Worker:
    def __init__(self, config: Dict[str, Any]) -> None:
        self._config = config
        self._channels: List[Channel] = []
        self._hooks: Optional[WorkerHooks] = None
        self._watch: Optional[Watch] = None
        self._debugger: Optional[Debugger] = None
        self._sources: Optional[Sources] = None

    def run(self, loaded: Optional[Callable[..., Any]] = None) -> int:
        """Serves until the channels end, the application that is loaded already if there is one. Returns the exit status."""
        redirect(self._config.get("output"))
        library = Library(self._config["library"])
        token = bytes.fromhex(self._config["token"])
        name = self._config.get("name", "worker")
        for place in self._config["channels"]:
            os.set_inheritable(place["socket"], False)
            os.set_inheritable(place["page"], False)
            os.set_blocking(place["socket"], True)
        for place in self._config["channels"]:
            self._channels.append(library.open(place["socket"], place["page"], token, name, not self._channels))
        self._watch = Watch(self._config["watch"]) if self._config.get("watch") else None
        os.register_at_fork(after_in_child=self._abandon)
        self._watch_sigterm()
        self._debugger = self._new_debugger()
        self._sources = self._new_sources()

        try:
            self._hooks = self._load_hooks()
            wanted = self._config.get("interface", "auto")
            application = self._load(wanted) if loaded is None else loaded
            loop: Any = None
            if is_coroutine(application):
                from darter._loop import run_factory

                application, loop = run_factory(application, self._config.get("loop", "auto"))
            interface = interface_of(application, wanted)
            if self._hooks is not None:
                self._hooks.loaded(application)
        except BaseException as error:
            return self._not_loaded(error)
        if self._sources is not None:
            self._sources.follow()

        try:
            if interface == "wsgi":
                return self._run_wsgi(application)
            return self._run_loop(application, interface, loop, is_preloaded=loaded is not None)
        finally:
            if self._hooks is not None:
                self._hooks.ended()

    def _load(self, wanted: str) -> Any:
        if self._config.get("dev") is None:
            return load(self._config["target"], wanted)
        from darter._dev import load_application

        return load_application(self._config, wanted)

    def _new_sources(self) -> Optional[Sources]:
        descriptor = self._config.get("dev", {}).get("sources")
        if descriptor is None:
            return None
        from darter._sources import Sources

        return Sources(descriptor)

    def _new_debugger(self) -> Optional[Debugger]:
        dev = self._config.get("dev")
        if dev is None or not dev.get("debugger"):
            return None
        from darter.debugger import Debugger

        return Debugger(pin=dev.get("pin"), hosts=dev.get("hosts", ()))

    def _not_loaded(self, error: BaseException) -> int:
        """Reports that the application cannot be served, and why. With the debugger, that is served in its place."""
        if self._sources is not None:
            self._sources.report(error)
        if self._debugger is None:
            self._channels[0].failed(explain(error))
            return NOT_LOADED
        self._channels[0].log(ERROR, "The application did not load:\n" + explain(error).rstrip())
        # A loop that was closed has taken its handler away.
        self._watch_sigterm()
        return self._serve_wsgi(self._debugger.failed(error))

    def _load_hooks(self) -> Optional[WorkerHooks]:
        if self._config.get("hooks") is None:
            return None
        from darter._hooks import WorkerHooks

        hooks = WorkerHooks(self._config["hooks"], self._config["number"])
        hooks.forked()
        return hooks

    def _run_loop(self, application: Any, interface: str, loop: Any, is_preloaded: bool) -> int:
        from darter._asgi import Server
        from darter.interface import asgi_callable

        try:
            if interface == "tornado":
                from darter import _tornado

                application, adopted = _tornado.host(application, self._config, self._channels[0], is_preloaded and loop is None)
                loop = loop or adopted
            if self._hooks is not None:
                application = self._hooks.around_asgi(asgi_callable(application))
            if self._debugger is not None:
                application = self._debugger.asgi(application)
            server = Server(self._channels, application, self._config, self._watch, interface, loop)
            server.start()
        except BaseException as error:
            return self._not_loaded(error)
        server.run()
        return 0

    def _run_wsgi(self, application: Any) -> int:
        if self._hooks is not None:
            application = self._hooks.around_wsgi(application)
        if self._debugger is not None:
            application = self._debugger.wsgi(application)
        return self._serve_wsgi(application)

    def _serve_wsgi(self, application: Any) -> int:
        from darter._wsgi import Settings

        settings = Settings(multithread=len(self._channels) > 1, multiprocess=self._config.get("multiprocess", False))
        if self._watch is not None and len(self._channels) > 1:
            self._watch.start_thread()
        for channel in self._channels:
            channel.ready("wsgi")
        threads = [
            threading.Thread(target=self._serve, args=(channel, application, settings), name="darter-{}".format(number))
            for number, channel in enumerate(self._channels[1:], start=2)
        ]
        for thread in threads:
            thread.start()
        try:
            self._serve(self._channels[0], application, settings)
        finally:
            for thread in threads:
                thread.join()
        return 0

    def _serve(self, channel: Channel, application: Any, settings: Any) -> None:
        outcome = None
        try:
            outcome = channel.serve_wsgi(application, settings)
        finally:
            # The application asked for the end, the front is gone, or something is broken: the others end, too.
            if outcome != DRAINED:
                self._stop()

    def _watch_sigterm(self) -> None:
        signal.signal(signal.SIGTERM, lambda number, frame: self._stop())

    def _stop(self) -> None:
        for channel in self._channels:
            channel.stop()

    def _abandon(self) -> None:
        for channel in self._channels:
            channel.abandon()


def explain(error: BaseException) -> str:
    """Why the application did not load, for the operator."""
    if isinstance(error, (TargetError, StartupError)):
        return str(error)

    import traceback

    return "".join(traceback.format_exception(type(error), error, _of_application(error.__traceback__)))


def _of_application(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """A traceback without the frames of Darter and the import system that lead to the application's own."""
    while trace is not None and _leads_to_application(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _leads_to_application(file: str) -> bool:
    return file.startswith(os.path.join(os.path.dirname(__file__), "")) or file == importlib.__file__ or file.startswith("<frozen importlib")
