"""What makes a worker a process in which Tornado feels at home."""

from __future__ import annotations

import asyncio
import warnings

from tornado import process
from tornado.ioloop import IOLoop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional


def adopt_loop() -> Optional[asyncio.AbstractEventLoop]:
    """The loop on which the application has begun something while it was imported, a PeriodicCallback, say; if it has."""
    with warnings.catch_warnings():
        # There is none yet, which is not the application's mistake.
        warnings.simplefilter("ignore", DeprecationWarning)
        current = IOLoop.current(instance=False)
    loop = getattr(current, "asyncio_loop", None)
    return None if loop is None or loop.is_closed() else loop


def take_part(number: int) -> None:
    """Makes it one of several processes, of which ``tornado.process.task_id()`` tells the number, from 0 on.

    So ``debug=True`` does not make Tornado's autoreload replace the worker's program: that leaves processes of this kind
    alone, and who replaces workers is the front.
    """
    if getattr(process, "_task_id", 0) is None:
        process._task_id = number
