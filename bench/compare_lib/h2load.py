"""The load generator for requests over TLS: h2load's command line and its output."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import List

from . import load
from .load import LoadError, LoadReport
from .model import Workload

STREAMS = 10
"""Requests that a connection of HTTP/2 has on the way."""

_PROTOCOLS = {"h1": "http/1.1", "h2": "h2"}
_PROTOCOL = re.compile(r"^Application protocol: (\S+)", re.MULTILINE)
_RATE = re.compile(r"^finished in [\d.]+\w+, ([\d.]+) req/s", re.MULTILINE)
_REQUESTS = re.compile(r"^requests: .*?(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", re.MULTILINE)
_STATUSES = re.compile(r"^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", re.MULTILINE)


def run(port: int, workload: Workload, connections: int, seconds: int) -> load.LoadRun:
    """Runs it.

    Raises LoadError.
    """
    with tempfile.TemporaryDirectory(prefix="bench-h2load-") as folder:
        log = Path(folder, "requests")
        line = command(port, workload, connections, seconds, log)
        return load.run(line, seconds, lambda output: parse(output, log.read_text(), workload))


def command(port: int, workload: Workload, connections: int, seconds: int, log: Path) -> List[str]:
    """The command line: one thread, as wrk's."""
    line = ["h2load", "-t1", f"-c{connections}", f"-D{seconds}", f"--log-file={log}"]
    line += ["--h1"] if workload.protocol == "h1" else ["--npn-list=h2", f"-m{STREAMS}"]
    return [*line, f"https://127.0.0.1:{port}{workload.path}"]


def parse(output: str, log: str, workload: Workload) -> LoadReport:
    """Parses its output and the log of the requests, of which each line has start, status and microseconds.

    Raises LoadError when a figure is missing.
    """
    rate, requests, statuses = _RATE.search(output), _REQUESTS.search(output), _STATUSES.search(output)
    if rate is None or requests is None or statuses is None:
        raise LoadError(f"h2load's output is not understood: {output.strip()[-300:]}")
    succeeded, failed, errored, late = map(int, requests.groups())
    rows = [line.split("\t") for line in log.splitlines()]
    times = sorted(int(row[2]) for row in rows if row[1] != "-1")
    errors = []
    protocol = _PROTOCOL.search(output)
    if succeeded and (protocol is None or protocol.group(1) != _PROTOCOLS[workload.protocol]):
        errors.append(f"the server spoke {protocol.group(1) if protocol else 'nothing'}")
    errors += [f"{count} requests {what}" for count, what in ((failed, "failed"), (errored, "errored"), (late, "timed out")) if count]
    unwanted = int(statuses.group(3)) + int(statuses.group(4))
    if unwanted:
        errors.append(f"{unwanted} responses were not 2xx or 3xx")
    if not succeeded or not times:
        return LoadReport(0, 0.0, 0.0, 0.0, "; ".join(errors) or "no request was answered")
    return LoadReport(
        requests=succeeded,
        requests_per_second=float(rate.group(1)),
        p50_us=float(times[len(times) // 2]),
        p99_us=float(times[len(times) * 99 // 100]),
        errors="; ".join(errors) or None,
    )
