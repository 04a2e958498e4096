"""The options, and what they default to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable, Iterable, List, Sequence

from .paths import DARTER
from .suites import ALL
from .suites.suite import Suite

_EXAMPLES = """\
examples:
  bench/compare wsgi --quick                      a look: one round, 2 workers, 64 connections
  bench/compare wsgi --json result.json           everything; takes about two hours
  bench/compare wsgi --workloads hello --servers darter,bjoern,uwsgi --connections 8,64
  bench/compare wsgi --workers 2 --keep-alive on --rounds 5 --markdown > tables.md
  BENCH_PYTHONPATH=~/build/lib bench/compare wsgi     servers that are built but not installed
  bench/compare live --help                       another kind of comparison: a message to thousands of subscribers
  bench/compare wsgi --darter ./other/darter --servers darter --baseline darter

Exit status: 0 all measured, 1 something failed or is missing, 2 usage, 130 interrupted.
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="bench/compare",
        description="Measures Darter and other servers on this machine, in turn, and prints medians.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    suites = top.add_subparsers(dest="suite", metavar="SUITE", required=True)
    for suite in ALL.values():
        sub = suites.add_parser(
            suite.name,
            help=suite.description,
            description=f"Compares {suite.description}.",
            epilog=_EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_options(sub, suite)
    return top


def _add_options(sub: argparse.ArgumentParser, suite: Suite) -> None:
    add = sub.add_argument
    names, workloads = ",".join(suite.server_names()), ",".join(suite.workload_names())
    add("--servers", metavar="LIST", type=words, help=f"default: those found of {names}")
    add("--workloads", metavar="LIST", type=words, help=f"default: {workloads}")
    add("--workers", metavar="LIST", type=numbers, help=f"worker processes; default {_list(suite.workers)}")
    add("--connections", metavar="LIST", type=numbers, help=f"default {_list(suite.connections)}")
    add("--keep-alive", choices=("on", "off", "both"), help=f"default {suite.keep_alive}")
    add("--headers", choices=("none", "browser"), default="none", help="request headers beside Host (default none)")
    add("--rounds", metavar="N", type=positive, help="default 3")
    add("--duration", metavar="SECONDS", type=positive, help=f"of each measurement; default {suite.seconds}")
    add("--quick", action="store_true", help=_quick(suite))
    add("--baseline", metavar="SERVER", default="darter", help="what ratios are relative to (default darter)")
    add_programs(sub)
    add("--json", metavar="FILE", type=Path, help="write every sample to FILE")


def add_programs(sub: argparse.ArgumentParser, installs: bool = True) -> None:
    """The options that say which programs are used, and how tables are printed."""
    add = sub.add_argument
    add("--darter", metavar="PATH", type=Path, default=DARTER, help="the executable (default: this checkout's)")
    add("--python", metavar="PATH", default="/usr/bin/python3", help="runs the applications (default /usr/bin/python3)")
    if installs:
        add("--no-install", action="store_true", help="leave out what is missing")
    add("--markdown", action="store_true", help="print Markdown tables")


def _list(values: Sequence[int]) -> str:
    return ",".join(map(str, values))


def _quick(suite: Suite) -> str:
    return (
        f"defaults for a look: 1 round, {suite.quick_seconds} s, {suite.quick_workers} workers, "
        f"{suite.quick_connections} connections, keep-alive"
    )


def words(text: str) -> List[str]:
    """A list separated by commas, not empty."""
    found = [word for word in text.split(",") if word]
    if not found:
        raise argparse.ArgumentTypeError("the list is empty")
    return found


def among(known: Iterable[str]) -> Callable[[str], List[str]]:
    """A parser of a list of known names."""

    def parse(text: str) -> List[str]:
        names = words(text)
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no {name!r}; there are {', '.join(known)}")
        return names

    return parse


def numbers(text: str) -> List[int]:
    """A list of whole numbers above 0."""
    return [positive(word) for word in words(text)]


def positive(text: str) -> int:
    """A whole number above 0."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number
