"""The load generator's command line and its output."""

from __future__ import annotations

import json
import sys
from typing import List

from ..load import LoadError, LoadReport
from ..model import Workload
from ..paths import LAUNCH


def command(port: int, workload: Workload, connections: int, seconds: int) -> List[str]:
    """The command line, for the interpreter that runs this program."""
    numbers = [str(number) for number in (connections, workload.message_size, seconds)]
    return [sys.executable, str(LAUNCH / "websocket_load.py"), str(port), workload.path, *numbers]


def parse(output: str) -> LoadReport:
    """Parses what the load generator printed.

    Raises LoadError.
    """
    try:
        values = json.loads(output)
        report = LoadReport(
            requests=values["messages"],
            requests_per_second=values["messages_per_second"],
            p50_us=values["p50_us"],
            p99_us=values["p99_us"],
            errors=values["errors"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LoadError(f"the WebSocket client's output is not understood: {output.strip()[-300:]}") from error
    return report if report.requests else LoadReport(0, 0.0, 0.0, 0.0, report.errors or "no message came back")
