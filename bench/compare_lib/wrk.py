"""The load generator: wrk's command line and its output."""

from __future__ import annotations

import re
from typing import List

from .load import LoadError, LoadReport
from .model import Workload
from .paths import LAUNCH

TIMEOUT_SECONDS = 5
"""A response slower than this is an error."""

BROWSER_HEADERS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding: gzip, deflate, br",
    "Referer: http://localhost/start",
    "Cookie: session=5f2b8c1e9d7a4036; theme=dark",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
)
"""What a browser sends beside Host."""

_UNITS_US = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6}
_PERCENTILE = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m|h)\s*$", re.MULTILINE)
_TAIL = re.compile(r"^\s+99\.9%\s+([\d.]+)us\s*$", re.MULTILINE)
_REQUESTS = re.compile(r"^\s+(\d+) requests in ", re.MULTILINE)
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)
_STATUSES = re.compile(r"^\s+Non-2xx or 3xx responses: (\d+)", re.MULTILINE)
_SOCKETS = re.compile(r"^\s+Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", re.MULTILINE)


def command(
    url: str, workload: Workload, connections: int, seconds: int, keep_alive: bool, headers: str
) -> List[str]:
    """The command line: one thread, because a second core is the server's on the smallest machine."""
    line = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", f"{TIMEOUT_SECONDS}s"]
    if headers == "browser":
        for header in BROWSER_HEADERS:
            line += ["-H", header]
    if not keep_alive:
        line += ["-H", "Connection: close"]
    if workload.mixed:
        return line + ["-s", str(LAUNCH / "tail.lua"), url]
    if workload.post_size:
        return line + ["-s", str(LAUNCH / "post.lua"), url, "--", str(workload.post_size)]
    return line + [url]


def parse(output: str) -> LoadReport:
    """Parses the output of ``wrk --latency``.

    Raises LoadError when a figure is missing.
    """
    percentiles = {
        int(percent): float(number) * _UNITS_US[unit] for percent, number, unit in _PERCENTILE.findall(output)
    }
    requests = _REQUESTS.search(output)
    rate = _RATE.search(output)
    if requests is None or rate is None or set(percentiles) != {50, 99}:
        raise LoadError(f"wrk's output is not understood: {output.strip()[-300:]}")
    errors = []
    statuses = _STATUSES.search(output)
    if statuses:
        errors.append(f"{statuses.group(1)} responses were not 2xx or 3xx")
    sockets = _SOCKETS.search(output)
    if sockets:
        kinds = zip(("connect", "read", "write", "timeout"), sockets.groups())
        errors.append("socket errors: " + ", ".join(f"{kind} {count}" for kind, count in kinds if count != "0"))
    if requests.group(1) == "0":
        errors.append("no request was answered")
    tail = _TAIL.search(output)
    return LoadReport(
        requests=int(requests.group(1)),
        requests_per_second=float(rate.group(1)),
        p50_us=percentiles[50],
        p99_us=percentiles[99],
        errors="; ".join(errors) or None,
        p999_us=float(tail.group(1)) if tail else None,
    )
