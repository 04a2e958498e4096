"""Gunicorn's server hooks: what they are called with, and when they are called in a worker.

The hooks of the master (``on_starting``, ``when_ready`` ...) run in a process of their own: see :mod:`darter._arbiter`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys

from darter.gunicorn_config import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

    Environ = Dict[str, Any]
    Hook = Callable[..., Any]


class Config:
    """``cfg``: the settings as attributes; those of the file as it has them, the others as the server has them."""

    def __init__(self, file: Dict[str, Any], settings: Dict[str, Any]) -> None:
        self._values = dict(settings, **file)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError("there is no setting '{}'".format(name)) from None


class Server:
    """What hooks know as the arbiter."""

    def __init__(self, cfg: Config, log: logging.Logger, state: Dict[str, Any]) -> None:
        self.cfg = cfg
        self.log = log
        self.pid = state.get("pid", os.getppid())
        self.num_workers = state.get("workers", 0)
        self.address = state.get("address", [])
        self.proc_name = getattr(cfg, "proc_name", None) or "darter"
        self.WORKERS: Dict[int, WorkerView] = {}


class WorkerView:
    """What hooks know as a worker; its process id is None before there is a process."""

    def __init__(self, cfg: Config, log: logging.Logger, age: int, pid: Optional[int]) -> None:
        self.cfg = cfg
        self.log = log
        self.age = age
        self.pid = pid
        self.ppid = os.getppid()
        self.alive = True
        self.aborted = False
        self.booted = False
        self.nr = 0
        self.timeout = getattr(cfg, "timeout", 0)
        self.tmp = None
        self.app: Any = None
        self.wsgi: Any = None

    def __str__(self) -> str:
        return "<Worker {}>".format(self.pid)


class Request:
    """``req`` of ``pre_request`` and ``post_request``."""

    def __init__(self, method: str, path: str, query: str, uri: str, version: Tuple[int, int], headers: List[Tuple[str, str]]) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.uri = uri
        self.version = version
        self.headers = headers
        self.fragment = ""
        self.body: Any = None
        self.scheme = "http"
        self.remote_addr: Any = None

    @classmethod
    def of_environ(cls, environ: Environ) -> Request:
        headers = [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
        headers += [(name.replace("_", "-"), environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
        path, _, query = environ["RAW_URI"].partition("?")
        request = cls(environ["REQUEST_METHOD"], path, query, environ["RAW_URI"], _version(environ["SERVER_PROTOCOL"][5:]), headers)
        request.body = environ["wsgi.input"]
        request.scheme = environ["wsgi.url_scheme"]
        request.remote_addr = (environ.get("REMOTE_ADDR"), int(environ.get("REMOTE_PORT") or 0))
        return request

    @classmethod
    def of_scope(cls, scope: Dict[str, Any]) -> Request:
        headers = [(name.decode("latin-1").upper(), value.decode("latin-1")) for name, value in scope["headers"]]
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        uri = path + "?" + query if query else path
        request = cls(scope.get("method", "GET"), path, query, uri, _version(scope["http_version"]), headers)
        request.scheme = scope["scheme"]
        request.remote_addr = scope.get("client")
        return request


class Response:
    """``resp`` of ``post_request``."""

    def __init__(self, request: Request) -> None:
        self.req = request
        self.status = ""
        self.status_code: Optional[int] = None
        self.headers: List[Tuple[str, str]] = []
        self.sent = 0

    def start(self, status: str, headers: List[Tuple[str, str]]) -> None:
        self.status = status
        self.status_code = int(status[:3])
        self.headers = list(headers)


class WorkerHooks:
    """The hooks that run in a worker."""

    def __init__(self, place: Dict[str, Any], age: int) -> None:
        """Reads the configuration again, in this process: its functions may share variables.

        Raises ConfigError.
        """
        self._found = load(place["location"], place["folder"])
        cfg = Config(self._found, place["settings"])
        log = logger()
        self._server = Server(cfg, log, {"workers": place["settings"].get("workers", 0)})
        self._worker = WorkerView(cfg, log, age, os.getpid())
        self._abort: Any = None

    def forked(self) -> None:
        self._call("post_fork", self._server, self._worker)

    def loaded(self, application: Any) -> None:
        self._worker.booted = True
        self._worker.wsgi = application
        self._watch_signals()
        self._call("post_worker_init", self._worker)

    def around_wsgi(self, application: Hook) -> Hook:
        """The application with the hooks of a request around it; itself if there are none."""
        if "pre_request" not in self._found and "post_request" not in self._found:
            return application

        def hooked(environ: Environ, start_response: Hook) -> Iterable[bytes]:
            request = Request.of_environ(environ)
            response = Response(request)
            self._before(request)

            def start(status: str, headers: List[Tuple[str, str]], *exc_info: Any) -> Any:
                response.start(status, headers)
                return start_response(status, headers, *exc_info)

            try:
                body = application(environ, start)
            except BaseException:
                self._after(request, environ, response)
                raise
            return _Body(body, lambda: self._after(request, environ, response))

        return hooked

    def around_asgi(self, application: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The same for ASGI; lifespan and WebSockets are no requests to Gunicorn's hooks."""
        if "pre_request" not in self._found and "post_request" not in self._found:
            return application

        async def hooked(scope: Dict[str, Any], receive: Hook, send: Hook) -> None:
            if scope["type"] != "http":
                await application(scope, receive, send)
                return
            request = Request.of_scope(scope)
            response = Response(request)
            self._before(request)

            async def sending(message: Dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    headers = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in message.get("headers", ())]
                    response.start(str(message["status"]), headers)
                elif message["type"] == "http.response.body":
                    response.sent += len(message.get("body", b""))
                await send(message)

            try:
                await application(scope, receive, sending)
            finally:
                self._after(request, scope, response)

        return hooked

    def ended(self) -> None:
        self._worker.alive = False
        self._call("worker_exit", self._server, self._worker)

    def _before(self, request: Request) -> None:
        self._worker.nr += 1
        self._call("pre_request", self._worker, request)

    def _after(self, request: Request, environ: Dict[str, Any], response: Response) -> None:
        hook = self._found.get("post_request")
        if hook is None:
            return
        try:
            # Gunicorn gives it as many of these as it has parameters.
            call_with_as_many(hook, self._worker, request, environ, response)
        except Exception:
            self._worker.log.exception("Exception in post_request hook")

    def _call(self, name: str, *arguments: Any) -> None:
        hook = self._found.get(name)
        if hook is not None:
            hook(*arguments)

    def _watch_signals(self) -> None:
        """The front tells by SIGINT that it stops at once, by SIGABRT that this worker is stuck, just as Gunicorn does."""
        if "worker_int" in self._found:
            signal.signal(signal.SIGINT, self._interrupted)
        if "worker_abort" in self._found:
            self._abort = signal.signal(signal.SIGABRT, self._aborted)

    def _interrupted(self, number: int, frame: Any) -> None:
        # Ctrl-C reaches this process by the terminal, and again by the front.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._worker.alive = False
        self._call("worker_int", self._worker)

    def _aborted(self, number: int, frame: Any) -> None:
        self._worker.alive = False
        self._worker.aborted = True
        self._call("worker_abort", self._worker)
        if callable(self._abort):
            self._abort(number, frame)
        sys.exit(1)


class _Body:
    """A response's body that tells when it is done with."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._done()


def call_with_as_many(hook: Hook, *arguments: Any) -> None:
    """Calls a hook with as many of the arguments as it has parameters."""
    import inspect

    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):
        hook(*arguments)
        return
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        hook(*arguments)
        return
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    hook(*arguments[: len(places)])


def logger() -> logging.Logger:
    """``log``: the logger that Gunicorn's users know, with its format unless the application has given it handlers."""
    log = logging.getLogger("gunicorn.error")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s [%(process)d] [%(levelname)s] %(message)s", "[%Y-%m-%d %H:%M:%S %z]"))
        log.addHandler(handler)
        log.propagate = False
        if log.level == logging.NOTSET:
            log.setLevel(logging.INFO)
    return log


def _version(text: str) -> Tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)
