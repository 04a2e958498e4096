"""Handshakes: the command line of launch/handshakes.py and its output."""

from __future__ import annotations

import json
import sys
from typing import List

from .load import LoadError, LoadReport
from .model import Workload
from .paths import LAUNCH


def command(port: int, workload: Workload, connections: int, seconds: int) -> List[str]:
    """So many processes, each with one connection after the other."""
    numbers = [str(number) for number in (connections, seconds)]
    return [sys.executable, str(LAUNCH / "handshakes.py"), str(port), workload.path, workload.handshake, *numbers]


def parse(output: str) -> LoadReport:
    """Parses what it printed.

    Raises LoadError when it is nothing.
    """
    try:
        values = json.loads(output)
        count = int(values["handshakes"])
        rate = count / values["seconds"]
    except (ValueError, KeyError, TypeError, ZeroDivisionError):
        raise LoadError(f"the output of the handshakes is not understood: {output.strip()[-300:]}") from None
    return LoadReport(count, rate, None, None, None if count else "no handshake succeeded")
