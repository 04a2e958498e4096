"""The program: options, rounds, tables."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from compare_lib import machine
from compare_lib.install import InstallError, build_darter, install
from compare_lib.interpreter import Interpreter, InterpreterError
from compare_lib.options import add_programs, among, positive
from compare_lib.process import StartError
from compare_lib.tables import to_markdown, to_text

from .measure import Sample, measure
from .report import table
from .servers import APPLICATIONS, SERVERS

_EXAMPLES = """\
examples:
  bench/startup                                      every application and server that is there, 4 workers
  bench/startup --applications django --workers 8
  bench/startup --servers darter,gunicorn --rounds 9

Exit status: 0 all measured, 1 something failed or is missing, 2 usage, 130 interrupted.
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parsed = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        build_darter(parsed.darter)
        interpreter = Interpreter(parsed.python)
        wanted = {one.needs for one in APPLICATIONS.values()} | {one.module for one in SERVERS.values() if one.module}
        modules = interpreter.modules(sorted(wanted))
        missing = sorted(wanted - set(modules))
        if missing and not parsed.no_install:
            # Debian's packages are named after the modules.
            install([f"python3-{module}" for module in missing])
            modules = interpreter.modules(sorted(wanted))
        return _run(parsed, interpreter, modules)
    except (InstallError, InterpreterError) as error:
        print(f"startup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(parsed: argparse.Namespace, interpreter: Interpreter, modules: Dict[str, str]) -> int:
    description = machine.describe()
    versions = ", ".join(f"{name} {version}" for name, version in sorted(modules.items()) if version)
    print(
        f"{description['cpu']}, {description['cores']} cores, {description['memory_mib']} MiB; "
        f"{description['system']}, Linux {description['kernel']}; {versions}; commit {description['commit']}.\n"
    )
    failed = False
    for name in parsed.applications:
        application = APPLICATIONS[name]
        servers = [SERVERS[one] for one in parsed.servers if application.interface in SERVERS[one].interfaces.split()]
        missing = [one for one in [application.needs, *(server.module for server in servers)] if one and one not in modules]
        for module in missing:
            print(f"startup: {module} is not there and left out", file=sys.stderr)
        if application.needs in missing:
            continue
        samples: Dict[str, List[Sample]] = {server.name: [] for server in servers if server.module not in missing}
        # In turn, so that a slow minute of the machine meets all alike.
        for _ in range(parsed.rounds):
            for server in list(samples):
                try:
                    samples[server].append(measure(SERVERS[server], application, interpreter, parsed.darter.absolute(), parsed.workers))
                except StartError as error:
                    failed = True
                    print(f"startup: failed: {SERVERS[server].title}, {name}: {error}", file=sys.stderr)
        measured = {server: starts for server, starts in samples.items() if starts}
        print((to_markdown if parsed.markdown else to_text)(table(name, parsed.workers, measured)), flush=True)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/startup",
        description="Measures the time from starting a server to its first response, and the memory of all its processes.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--servers", metavar="LIST", type=among(SERVERS), default=list(SERVERS), help=f"default: {','.join(SERVERS)}")
    add("--applications", metavar="LIST", type=among(APPLICATIONS), default=list(APPLICATIONS), help=f"default: {','.join(APPLICATIONS)}")
    add("--workers", metavar="N", type=positive, default=4, help="default 4")
    add("--rounds", metavar="N", type=positive, default=5, help="default 5")
    add_programs(parser)
    return parser


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
