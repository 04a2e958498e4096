"""A response, of either interface."""

from __future__ import annotations

import json
from http import HTTPStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

    Header = Tuple[str, str]


class Answer:
    def __init__(self, status: int, kind: str, body: str, *headers: Header) -> None:
        self.status = status
        # What cannot be encoded is a lone surrogate, of a name that came from the file system, say.
        self.body = body.encode("utf-8", "backslashreplace")
        self.headers: List[Header] = [
            ("Content-Type", kind),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        ]

    @classmethod
    def json(cls, status: int, content: Any, *headers: Header) -> Answer:
        return cls(status, "application/json", json.dumps(content), *headers)

    @property
    def status_line(self) -> str:
        return "{} {}".format(self.status, HTTPStatus(self.status).phrase)
