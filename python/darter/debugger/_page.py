"""The page for an exception. It needs nothing from elsewhere, and runs no script or style but its own."""

from __future__ import annotations

import os
import platform
import secrets
import sys

from darter.debugger._answer import Answer
from darter.debugger._frames import exception, headline, pairs
from darter.debugger._markup import Markup, join, tag
from darter.debugger._request import readable
from darter.debugger._values import MASK, Reprs, is_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from darter.debugger._request import Request
    from darter.debugger._trace import Trace

    Pairs = List[Tuple[str, str]]

# Scripts of this server's own are allowed beside the page's: by such a one the page is refreshed when a source changes.
_POLICY = (
    "default-src 'none'; style-src 'nonce-{0}'; script-src 'nonce-{0}' 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Failure:
    """What is said, beside the exception or in its place, of an application that cannot be served at all."""

    def __init__(self, title: str, heading: str = "", explanation: str = "") -> None:
        self.title = title
        #: In the place of the exception's type and message; empty if the exception itself is to be shown.
        self.heading = heading
        self.explanation = explanation


def page_of(
    trace: Trace, request: Request, text: str, console: Optional[Dict[str, str]], note: str, failure: Optional[Failure] = None
) -> Answer:
    """The page. ``console`` is what its script needs to know, ``note`` says why there is no console."""
    nonce = secrets.token_urlsafe(16)
    raised = trace.raised
    is_explained = failure is not None and bool(failure.heading)
    title = "{}: {}".format(raised.type, raised.message.partition("\n")[0][:150]) if failure is None else failure.title
    body = [
        _top(trace, request, failure),
        tag(
            "main",
            [
                None if is_explained else exception(raised),
                _request(request) if failure is None else None,
                tag("details", [tag("summary", "As text"), tag("pre", text, id="text", tabindex="0")], class_="card"),
                _foot(console, note),
            ],
        ),
        _dialog() if console else None,
        tag("script", Markup(_asset("page.js")), nonce=nonce),
    ]
    page = join(
        [
            Markup('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'),
            Markup('<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'),
            tag("title", title),
            tag("style", Markup(_asset("page.css")), nonce=nonce),
            Markup("</head>"),
            tag("body", body, **{"data_" + name: value for name, value in (console or {}).items()}),
            Markup("</html>\n"),
        ]
    )
    policy = ("Content-Security-Policy", _POLICY.format(nonce))
    return Answer(500, "text/html; charset=utf-8", page.text, policy, ("Referrer-Policy", "no-referrer"))


def _top(trace: Trace, request: Request, failure: Optional[Failure]) -> Markup:
    asked = join([tag("b", request.method), " ", readable(request.target)])
    where = tag("p", asked if failure is None else failure.title, class_="where")
    content = headline(trace.raised, "h1")
    if failure is not None and failure.heading:
        content = join([tag("h1", failure.heading), tag("pre", failure.explanation, class_="message")])
    button = tag("button", "Copy as text", id="copy", type="button", hidden="")
    return tag("header", tag("div", [where, content, tag("div", button, class_="buttons")]))


def _request(request: Request) -> Markup:
    others = sorted(((str(name), value) for name, value in request.rest.items()), key=lambda pair: pair[0])
    with Reprs() as reprs:
        rest = [(name, MASK if is_secret(name) else reprs.of(value)) for name, value in others]
    rows = [
        tag("summary", "Request"),
        pairs([("Method", request.method), ("Path", readable(request.path)), ("Host", request.host), ("Client", request.client or "")]),
        _group("Query", request.query_pairs),
        _group("Header fields", sorted(request.headers)),
        _group("Cookies", request.cookies),
        tag("details", [tag("summary", "Everything else that the application was given"), pairs(rest)], class_="rest"),
    ]
    return tag("details", rows, class_="card request", open="")


def _group(title: str, entries: Pairs) -> Optional[Markup]:
    return join([tag("h3", title), pairs(entries)]) if entries else None


def _foot(console: Optional[Dict[str, Any]], note: str) -> Markup:
    from darter import __version__

    python = "{} {}".format(platform.python_implementation(), platform.python_version())
    texts = ["Darter {} · {} · {} · process {}".format(__version__, python, sys.executable, os.getpid())]
    if note and console is None:
        texts.append(note)
    return tag("footer", [tag("p", text) for text in texts])


def _dialog() -> Markup:
    buttons = [tag("button", "Cancel", type="button", id="pin-cancel"), tag("button", "Unlock", type="submit", class_="main")]
    form = [
        tag("h2", "Unlock the console"),
        tag("p", "Its PIN is in the terminal in which the server was started."),
        Markup('<input id="pin" inputmode="numeric" autocomplete="off" spellcheck="false" placeholder="000-000-000" aria-label="PIN">'),
        tag("p", "", id="pin-error", role="alert"),
        tag("div", buttons, class_="buttons"),
    ]
    return tag("dialog", tag("form", form, method="dialog"), id="lock")


def _asset(name: str) -> str:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return file.read()
