"""An exception as text and as JSON, for those who are no browser, and for the log."""

from __future__ import annotations

import traceback

from darter.debugger._trace import entries_of, message_of, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict


def hide_darter(error: BaseException) -> None:
    """Takes the frames of Darter that lead to the application out of the exception's traceback."""
    entries = entries_of(error.__traceback__)
    error.__traceback__ = entries[0] if entries else None


def traceback_text(error: BaseException) -> str:
    """The traceback as Python prints it."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def json_of(error: BaseException, text: str) -> Dict[str, Any]:
    return {"type": type_name(type(error)), "message": message_of(error), "traceback": text}
