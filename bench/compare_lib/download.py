"""Large files: a load generator of one connection, and the check before measuring."""

from __future__ import annotations

import json
import sys
from typing import List

from .load import LoadError, LoadReport
from .model import Workload
from .paths import LAUNCH


def command(port: int, workload: Workload, seconds: int) -> List[str]:
    """Downloads the file again and again for so many seconds, and to the end."""
    return [sys.executable, str(LAUNCH / "download.py"), str(port), workload.path, str(seconds), str(workload.download_size)]


def parse(output: str) -> LoadReport:
    """Parses what launch/download.py prints.

    Raises LoadError when it is nothing.
    """
    try:
        times = sorted(json.loads(output))
    except ValueError:
        raise LoadError(f"the output of the downloads is not understood: {output.strip()[-300:]}") from None
    return LoadReport(
        requests=len(times),
        requests_per_second=len(times) / sum(times),
        p50_us=times[len(times) // 2] * 1e6,
        p99_us=times[-1] * 1e6,
        errors=None,
    )
