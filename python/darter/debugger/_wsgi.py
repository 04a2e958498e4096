"""The debugger around a WSGI application."""

from __future__ import annotations

from darter._wsgi import ClientDisconnected, Settings
from darter.debugger._guard import PREFIX
from darter.debugger._request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Iterator, List

    from darter.debugger._answer import Answer
    from darter.debugger._debugger import Debugger

    Environ = Dict[str, Any]

#: By this Flask gives away the contexts of a request that it would end, since Werkzeug's debugger asks for them so.
_PRESERVE = "werkzeug.debug.preserve_context"


class Wrapper:
    """A WSGI application."""

    def __init__(self, debugger: Debugger, application: Callable[..., Any]) -> None:
        self._debugger = debugger
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._endpoint(environ, start_response)
        exchange = _Exchange(self._debugger, environ, start_response)
        try:
            body: Iterable[bytes] = self._application(environ, start_response)
            if type(body) not in (list, tuple):
                return exchange.around(body)
            _check(body)
            return body
        except Exception as error:
            return exchange.fail(error)

    def _endpoint(self, environ: Environ, start_response: Callable[..., Any]) -> List[bytes]:
        request = Request.of_environ(environ)
        endpoint = self._debugger.endpoint
        answer = endpoint.refuse(request)
        if answer is None:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            answer = endpoint.answer(request, environ["PATH_INFO"], body, request.debugger_path)
        start_response(answer.status_line, answer.headers)
        return _body_of(answer, request)


class _Exchange:
    """One request."""

    def __init__(self, debugger: Debugger, environ: Environ, start_response: Callable[..., Any]) -> None:
        self._debugger = debugger
        self._environ = environ
        self._start_response = start_response
        self._contexts: List[Any] = []
        if debugger.guard.has_console and _PRESERVE not in environ:
            environ[_PRESERVE] = self._contexts.append

    def around(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """The iterable, with what it raises shown. A file that is sent without being read stays what it is."""
        if type(body) is self._environ.get("wsgi.file_wrapper"):
            region = getattr(body, "region", None)
            if region is not None and region() is not None:
                return body
        return _SizedBody(body, self) if hasattr(type(body), "__len__") else _Body(body, self)

    def fail(self, error: Exception) -> List[bytes]:
        """Answers with the page. If the response has begun it cannot be replaced: raises the exception again (PEP 3333)."""
        if isinstance(error, ClientDisconnected):
            raise error
        request = Request.of_environ(self._environ)
        answer = self._debugger.answer(error, request, self._contexts)
        # Raises what it is given if the head of the response was sent; whoever called the application reports it then.
        self._start_response(answer.status_line, answer.headers, (type(error), error, error.__traceback__))
        Settings.report(self._environ, type(error), error, error.__traceback__)
        return _body_of(answer, request)


class _Body:
    def __init__(self, body: Any, exchange: _Exchange) -> None:
        self._body = body
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._body:
                if not isinstance(piece, bytes):
                    raise _wrong_piece(piece)
                yield piece
        except Exception as error:
            yield from self._exchange.fail(error)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


class _SizedBody(_Body):
    """A body that knows of how many pieces it is: of a single one the server can tell the length."""

    def __len__(self) -> int:
        return len(self._body)


def _check(body: Iterable[Any]) -> None:
    for piece in body:
        if not isinstance(piece, bytes):
            raise _wrong_piece(piece)


def _wrong_piece(piece: Any) -> TypeError:
    return TypeError("each piece of the body must be bytes, not {}".format(type(piece).__name__))


def _body_of(answer: Answer, request: Request) -> List[bytes]:
    return [] if request.method == "HEAD" else [answer.body]
