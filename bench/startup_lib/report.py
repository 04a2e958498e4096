"""The tables."""

from __future__ import annotations

from statistics import median
from typing import Dict, List, Sequence

from compare_lib.tables import Table

from .measure import Sample
from .servers import SERVERS


def table(application: str, workers: int, samples: Dict[str, Sequence[Sample]]) -> Table:
    """The medians of an application's servers, in their order."""
    result = Table(
        f"{application}, {workers} worker" + ("s" if workers > 1 else ""),
        ["server", "first response ms", "least", "greatest", "PSS MiB", "RSS MiB", "processes"],
    )
    for name, starts in samples.items():
        times = [sample.seconds * 1000 for sample in starts]
        row: List[str] = [SERVERS[name].title]
        row += [f"{value:.0f}" for value in (median(times), min(times), max(times))]
        row.append(f"{median([sample.pss for sample in starts]) / 1024:.1f}")
        row.append(f"{median([sum(process.rss for process in sample.memory) for sample in starts]) / 1024:.1f}")
        row.append(str(max(len(sample.memory) for sample in starts)))
        result.rows.append(row)
    return result
