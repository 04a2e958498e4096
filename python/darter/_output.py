"""Where a worker's output goes: where the front's own goes, or through a pipe to the front, which has it in its error log."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, TextIO

_errors = None  # type: Optional[TextIO]


def errors() -> Optional[TextIO]:
    """The stream for what the application did wrong; ``sys.stderr`` is looked up each time, so that redirecting it works."""
    return sys.stderr if _errors is None else _errors


def redirect(output: Optional[Dict[str, Any]]) -> None:
    """Writes to the front's pipe from now on: everything, or what is reported of errors only."""
    if output is None:
        return
    descriptor = output["descriptor"]
    if not output["all"]:
        global _errors
        os.set_inheritable(descriptor, False)
        _errors = open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
        return
    sys.stdout = _replace(sys.stdout, descriptor, 1)
    sys.stderr = _replace(sys.stderr, descriptor, 2)
    os.close(descriptor)


def _replace(stream: Optional[Any], pipe: int, descriptor: int) -> Any:
    if stream is not None:
        stream.flush()
    os.dup2(pipe, descriptor)
    if stream is None:
        return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    # A pipe would be buffered: lines would come late, and not at all from a worker that is killed.
    stream.reconfigure(line_buffering=True)
    return stream
