"""The program: options, measurements, table."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import List, Optional, Sequence

from compare_lib import machine
from compare_lib.install import InstallError, build_darter, install
from compare_lib.interpreter import Interpreter, InterpreterError
from compare_lib.options import add_programs, among, positive
from compare_lib.process import StartError
from compare_lib.tables import to_markdown, to_text
from connections_lib.cli import raise_file_limit
from connections_lib.crowd import CrowdError
from connections_lib.servers import Host

from .measure import Measurement, measure
from .report import table
from .servers import MODULES, SERVERS

_EXAMPLES = """\
examples:
  bench/compare live                                      10,000 subscribers, two minutes
  bench/compare live --subscribers 1000 --messages 3      a look
  bench/compare live --subscribers 50000 --servers darter

Exit status: 0 all measured, 1 something failed or is missing, 2 usage, 130 interrupted.
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parsed = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        raise_file_limit(parsed.subscribers)
        build_darter(parsed.darter)
        interpreter = Interpreter(parsed.python)
        modules = interpreter.modules(MODULES)
        missing = [name for name in MODULES if name not in modules]
        if missing and not parsed.no_install:
            # Debian's packages are named after the modules.
            install([f"python3-{name}" for name in missing])
            modules = interpreter.modules(MODULES)
        return _run(parsed, Host(interpreter, modules, parsed.darter.absolute()))
    except (CrowdError, InstallError, InterpreterError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(parsed: argparse.Namespace, host: Host) -> int:
    measurements: List[Measurement] = []
    failed = False
    for name in parsed.servers:
        server = SERVERS[name]
        if server.version(host) is None:
            print(f"compare: {server.title} is not there and left out", file=sys.stderr)
            failed = True
            continue
        print(f"compare: {parsed.subscribers} subscribers, {server.title}", file=sys.stderr)
        try:
            measurements.append(measure(server, host, parsed.subscribers, parsed.messages))
        except (CrowdError, StartError) as error:
            failed = True
            print(f"compare: failed: {server.title}: {error}", file=sys.stderr)
    if measurements:
        _print(parsed, host, measurements)
    return 1 if failed else 0


def _print(parsed: argparse.Namespace, host: Host, measurements: List[Measurement]) -> None:
    description = machine.describe()
    versions = ", ".join(f"{one.title} {one.version}" for one in measurements)
    print(
        f"{description['cpu']}, {description['cores']} cores, {description['memory_mib']} MiB; {description['system']}, "
        f"Linux {description['kernel']}; Python {host.modules['python']}; {versions}; commit {description['commit']}.\n"
    )
    print((to_markdown if parsed.markdown else to_text)(table(measurements)))
    if parsed.json:
        document = {"machine": description, "modules": host.modules}
        document["measurements"] = [dataclasses.asdict(one) for one in measurements]
        parsed.json.write_text(json.dumps(document, indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/compare live",
        description="Has thousands subscribe to server-sent events, and measures how a message reaches them all.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--servers", metavar="LIST", type=among(SERVERS), default=list(SERVERS), help=f"default: {','.join(SERVERS)}")
    add("--subscribers", metavar="N", type=positive, default=10_000, help="default 10000")
    add("--messages", metavar="N", type=positive, default=10, help="sent one after the other; default 10")
    add_programs(parser)
    add("--json", metavar="FILE", type=Path, help="write every sample to FILE")
    return parser
