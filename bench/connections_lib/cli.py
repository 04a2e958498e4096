"""The program: options, file limit, measurements, tables."""

from __future__ import annotations

import argparse
import dataclasses
import json
import resource
import signal
import sys
from pathlib import Path
from typing import List, Optional, Sequence

from compare_lib import machine
from compare_lib.install import InstallError, build_darter
from compare_lib.interpreter import Interpreter, InterpreterError
from compare_lib.options import add_programs, among, numbers, positive
from compare_lib.process import StartError
from compare_lib.tables import to_markdown, to_text

from .crowd import CrowdError
from .kinds import KINDS
from .measure import Measurement, measure
from .report import tables
from .servers import SERVERS, Host

_EXAMPLES = """\
examples:
  bench/connections                                   10,000 of each kind, Darter and uvicorn
  bench/connections --kinds ws --connections 1000     a look
  bench/connections --connections 50000 --servers darter

Exit status: 0 all measured, 1 something failed or is missing, 2 usage, 130 interrupted.
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parsed = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        raise_file_limit(max(parsed.connections))
        build_darter(parsed.darter)
        interpreter = Interpreter(parsed.python)
        host = Host(interpreter, interpreter.modules(["uvicorn", "uvloop", "websockets", "httptools"]), parsed.darter.absolute())
    except (CrowdError, InstallError, InterpreterError) as error:
        print(f"connections: {error}", file=sys.stderr)
        return 1
    return _run(parsed, host)


def _run(parsed: argparse.Namespace, host: Host) -> int:
    measurements: List[Measurement] = []
    failed = False
    try:
        for connections in parsed.connections:
            for kind in parsed.kinds:
                for name in parsed.servers:
                    server = SERVERS[name]
                    if server.version(host) is None:
                        print(f"connections: {server.title} is not there and left out", file=sys.stderr)
                        continue
                    print(f"connections: {connections} {KINDS[kind].title}, {server.title}", file=sys.stderr)
                    try:
                        measurements.append(
                            measure(server, host, KINDS[kind], connections, parsed.workers, parsed.broadcasts)
                        )
                    except (CrowdError, StartError) as error:
                        failed = True
                        print(f"connections: failed: {server.title}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    _print(parsed, host, measurements)
    return 1 if failed else 0


def _print(parsed: argparse.Namespace, host: Host, measurements: List[Measurement]) -> None:
    description = machine.describe()
    versions = ", ".join(f"{name} {version}" for name, version in sorted(host.modules.items()) if version)
    print(
        f"{description['cpu']}, {description['cores']} cores, {description['memory_mib']} MiB; "
        f"{description['system']}, Linux {description['kernel']}; {versions}; commit {description['commit']}.\n"
    )
    render = to_markdown if parsed.markdown else to_text
    for connections in parsed.connections:
        for table in tables([one for one in measurements if one.connections == connections], parsed.workers):
            print(render(table))
    if parsed.json:
        document = {"machine": description, "modules": host.modules, "workers": parsed.workers}
        document["measurements"] = [dataclasses.asdict(one) for one in measurements]
        parsed.json.write_text(json.dumps(document, indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/connections",
        description="Opens thousands of connections that stay, and measures memory and broadcasts.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--servers", metavar="LIST", type=among(SERVERS), default=list(SERVERS), help=f"default: {','.join(SERVERS)}")
    add("--kinds", metavar="LIST", type=among(KINDS), default=list(KINDS), help=f"default: {','.join(KINDS)}")
    add("--connections", metavar="LIST", type=numbers, default=[10_000], help="default 10000")
    add("--workers", metavar="N", type=positive, default=1, help="a broadcast reaches one worker; default 1")
    add("--broadcasts", metavar="N", type=int, default=5, help="default 5; 0 with several workers")
    add_programs(parser, installs=False)
    add("--json", metavar="FILE", type=Path, help="write every sample to FILE")
    return parser


def raise_file_limit(connections: int) -> None:
    """For this program and for the servers, which inherit it."""
    wanted = connections + 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (ValueError, OSError) as error:
        raise CrowdError(f"{wanted} open files are needed and {hard} allowed: raise the limit (ulimit -Hn)") from error


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
