"""What the debugger needs to know of a request, of either interface."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote

from darter.debugger._guard import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Pairs = List[Tuple[str, str]]


class Request:
    def __init__(
        self, method: str, scheme: str, path: str, query: str, headers: Pairs, client: Optional[str], mount: str, rest: Dict[str, Any]
    ) -> None:
        self.method = method
        self.scheme = scheme
        #: The path as it was sent, with that of the mount.
        self.path = path
        self.query = query
        self.headers = headers
        #: Address of the client; None on a Unix socket.
        self.client = client
        #: The path of the application, which its own come after.
        self.mount = mount
        #: The other entries of the environ or the scope.
        self.rest = rest

    @classmethod
    def of_environ(cls, environ: Dict[str, Any]) -> Request:
        headers = [(name[5:].replace("_", "-").title(), str(value)) for name, value in environ.items() if name.startswith("HTTP_")]
        headers += [(name.replace("_", "-").title(), environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
        path = environ.get("RAW_URI") or environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        rest = {name: value for name, value in environ.items() if not name.startswith("HTTP_")}
        return cls(
            environ.get("REQUEST_METHOD", "GET"),
            environ.get("wsgi.url_scheme", "http"),
            _path_of(path),
            environ.get("QUERY_STRING", ""),
            headers,
            environ.get("REMOTE_ADDR") or None,
            environ.get("SCRIPT_NAME", "").encode("latin-1", "replace").decode("utf-8", "replace"),
            rest,
        )

    @classmethod
    def of_scope(cls, scope: Dict[str, Any]) -> Request:
        headers = [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in scope.get("headers", ())]
        raw = scope.get("raw_path")
        client = scope.get("client")
        return cls(
            scope.get("method", "GET"),
            scope.get("scheme", "http"),
            raw.decode("latin-1") if raw else scope.get("path", "/"),
            scope.get("query_string", b"").decode("latin-1"),
            headers,
            client[0] if client else None,
            scope.get("root_path", ""),
            {name: value for name, value in scope.items() if name != "headers"},
        )

    def header(self, name: str) -> str:
        """The value of a field, empty if there is none."""
        return next((value for field, value in self.headers if field.lower() == name), "")

    @property
    def host(self) -> str:
        return self.header("host")

    @property
    def target(self) -> str:
        return self.path + "?" + self.query if self.query else self.path

    @property
    def debugger_path(self) -> str:
        """Where the debugger of this application is reached."""
        return quote(self.mount) + PREFIX

    @property
    def query_pairs(self) -> Pairs:
        try:
            return parse_qsl(self.query, keep_blank_values=True)
        except ValueError:
            return []

    @property
    def cookies(self) -> Pairs:
        pairs = []
        for field, text in self.headers:
            if field.lower() == "cookie":
                for part in text.split(";"):
                    name, _, value = part.strip().partition("=")
                    if name:
                        pairs.append((name, value.strip('"')))
        return pairs

    @property
    def wanted(self) -> str:
        """In which form the client wants to read of an error: ``html``, ``json`` or ``text``."""
        accepted = [_media(part) for part in self.header("accept").split(",")]
        by_script = self.header("x-requested-with").lower() == "xmlhttprequest"
        if "text/html" in accepted and not by_script:
            return "html"
        if by_script or any(_is_json(media) for media in accepted) or _is_json(_media(self.header("content-type"))):
            return "json"
        return "text"


def _media(text: str) -> str:
    """A media range without its parameters; nothing if the client says that it does not take it (q=0)."""
    media, *parameters = [part.strip().lower() for part in text.split(";")]
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q" and not value.strip(" 0."):
            return ""
    return media


def _is_json(media: str) -> bool:
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _path_of(target: str) -> str:
    """The path of a request's target, which a client may send with scheme and host (RFC 9112, section 3.2.2)."""
    path = target.partition("?")[0]
    if "://" in path and not path.startswith("/"):
        return "/" + path.partition("://")[2].partition("/")[2]
    return path


def readable(path: str) -> str:
    """A path for people: what is escaped as UTF-8 is decoded, unless it would not be the same any more."""
    decoded = unquote(path, errors="replace")
    return path if "�" in decoded or not decoded.isprintable() else decoded
