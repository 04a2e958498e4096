"""The tables."""

from __future__ import annotations

from typing import List, Sequence

from compare_lib.tables import Table

from .kinds import KINDS
from .measure import Measurement


def tables(measurements: Sequence[Measurement], workers: int) -> List[Table]:
    result = []
    for kind in KINDS.values():
        rows = [one for one in measurements if one.kind == kind.name]
        if rows:
            suffix = f"{workers} worker" + ("s" if workers > 1 else "")
            table = Table(
                f"{rows[0].connections} {kind.title}, {suffix}",
                ["server", "front KiB", "worker KiB", "KiB in all", "opened/s", "first ms", "median ms", "p99 ms", "last ms"],
            )
            table.rows = [_row(one) for one in rows]
            result.append(table)
    return result


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values is, at least."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _row(one: Measurement) -> List[str]:
    row = [
        one.server,
        f"{one.front_bytes / 1024:.1f}" if one.front_bytes else "",
        f"{one.worker_bytes / 1024:.1f}",
        f"{(one.front_bytes + one.worker_bytes) / 1024:.1f}",
        f"{one.connections / one.open_seconds:.0f}",
    ]
    if not one.broadcasts:
        return row + [""] * 4
    # Of several broadcasts the median: each is one event, and the machine has other things to do at times.
    for part in (0.0, 0.5, 0.99, 1.0):
        row.append(f"{quantile([quantile(delays, part) for delays in one.broadcasts], 0.5) * 1000:.1f}")
    return row
