"""The table."""

from __future__ import annotations

from typing import List, Sequence

from compare_lib.tables import Table
from connections_lib.report import quantile

from .measure import Measurement

_COLUMNS = (
    "server", "last ms", "darter ×", "first ms", "median ms", "CPU ms/message", "client CPU ms", "KiB each", "RSS MiB", "subscribed/s",
)


def table(measurements: Sequence[Measurement]) -> Table:
    """Of each server, in the order in which they were measured."""
    baseline = next((last(one) for one in measurements if one.server == "darter"), None)
    made = Table(f"{measurements[0].subscribers} subscribers of server-sent events, one message to all", _COLUMNS)
    made.rows = [_row(one, baseline) for one in measurements]
    made.notes = [
        "last: from the request that publishes until the last subscriber has the message; medians over the messages.",
        "darter ×: how many times sooner the last one has it with Darter's hub.",
        "CPU: user and system time of all the server's processes. The client's is that of all subscribers: one process, one thread.",
        "KiB each: RSS of all processes with all subscribers, less RSS before, for each.",
    ]
    return made


def last(one: Measurement) -> float:
    """Seconds until the last has a message: the median of the messages."""
    return _of_messages(one, 1.0)


def _of_messages(one: Measurement, part: float) -> float:
    return quantile([quantile(delays, part) for delays in one.broadcasts], 0.5)


def _row(one: Measurement, baseline: "float | None") -> List[str]:
    messages = len(one.broadcasts)
    return [
        one.title,
        f"{last(one) * 1000:.0f}",
        f"{last(one) / baseline:.2f}" if baseline else "",
        f"{_of_messages(one, 0.0) * 1000:.0f}",
        f"{_of_messages(one, 0.5) * 1000:.0f}",
        f"{one.cpu_seconds / messages * 1000:.0f}",
        f"{one.client_cpu_seconds / messages * 1000:.0f}",
        f"{one.bytes_each / 1024:.1f}",
        f"{one.rss / 2**20:.0f}",
        f"{one.subscribers / one.open_seconds:.0f}",
    ]
