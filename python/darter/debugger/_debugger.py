"""What is shown instead of "Internal Server Error"."""

from __future__ import annotations

from darter.debugger._answer import Answer
from darter.debugger._endpoint import Endpoint
from darter.debugger._guard import Guard
from darter.debugger._history import KEPT, History, Record
from darter.debugger._text import hide_darter, json_of, traceback_text
from darter.debugger._trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Optional

    from darter.debugger._page import Failure
    from darter.debugger._request import Request


class Debugger:
    """Shows the exceptions of applications.

    ``pin`` is what has to be typed before code can be run in a frame; without it, none can. ``hosts`` are names, beside those of
    the loopback, under which this server is known. ``loopback_only`` restricts the console to clients on this machine. ``kept`` is
    how many exceptions are kept alive for it.
    """

    def __init__(self, pin: Optional[str] = None, hosts: Iterable[str] = (), loopback_only: bool = True, kept: int = KEPT) -> None:
        self.guard = Guard(pin, hosts, loopback_only)
        self.history = History(kept)
        self.endpoint = Endpoint(self.guard, self.history)

    def wsgi(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """The WSGI application, with a page for each exception that leaves it before its response has begun."""
        from darter.debugger._wsgi import Wrapper

        return Wrapper(self, application)

    def asgi(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """The same for an ASGI application."""
        from darter.debugger._asgi import Wrapper

        return Wrapper(self, application)

    def failed(self, error: BaseException) -> Callable[..., Any]:
        """A WSGI application that shows, whatever is asked for, why the application did not load."""
        from darter.debugger._failed import Failed
        from darter.debugger._wsgi import Wrapper

        return Wrapper(self, Failed(self, error))

    def answer(self, error: BaseException, request: Request, surroundings: Iterable[Any] = ()) -> Answer:
        """The response to a request that failed by this exception, in the form that its client takes.

        To be called where the exception was caught. ``surroundings`` are context managers in which a console is to run.
        """
        hide_darter(error)
        if not self.guard.may_read(request):
            return self.hidden(request)
        if request.wanted == "html":
            trace = Trace(error)
            return self.page(trace, self.keep(trace, surroundings), request, traceback_text(error))
        text = traceback_text(error)
        if request.wanted == "json":
            return Answer.json(500, json_of(error, text))
        return Answer(500, "text/plain; charset=utf-8", text)

    def keep(self, trace: Trace, surroundings: Iterable[Any] = ()) -> Optional[Record]:
        """Keeps an exception's frames for the console; None if there is no console."""
        if not self.guard.has_console:
            return None
        record = Record(trace, surroundings)
        self.history.add(record)
        return record

    def page(self, trace: Trace, record: Optional[Record], request: Request, text: str, failure: Optional[Failure] = None) -> Answer:
        from darter.debugger._page import page_of

        why_not = self.guard.why_not(request)
        console = None
        if record is not None and why_not is None:
            console = {"record": record.id, "secret": self.guard.secret, "base": request.debugger_path}
        return page_of(trace, request, text, console, why_not or "", failure)

    def hidden(self, request: Request) -> Answer:
        text = (
            "Internal Server Error\n\nWhat failed is in the terminal. It is not shown under the name “{}”, which is not known to be "
            "this server's: use localhost or an address.\n".format(request.host[:200])
        )
        return Answer(500, "text/plain; charset=utf-8", text)
