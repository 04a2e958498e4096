"""The program: options, rounds, tables."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Dict, List, Optional, Sequence

from compare_lib import machine
from compare_lib.install import InstallError, build_darter, install
from compare_lib.interpreter import Interpreter, InterpreterError
from compare_lib.options import add_programs, among, positive
from compare_lib.ports import free_port
from compare_lib.process import ServerProcess, StartError
from compare_lib.tables import Table, to_markdown, to_text

from .measure import ReloadError, Sample, import_seconds, measure, write_number
from .servers import APPLICATIONS, SERVERS, Server

_EXAMPLES = """\
examples:
  bench/reload                                every application and server that is there
  bench/reload --applications flask --rounds 20

Exit status: 0 all measured, 1 something failed or is missing, 2 usage, 130 interrupted.
"""

# Polling reloaders compare times of modification, some with a resolution of a second.
_PAUSE_SECONDS = 1.1


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parsed = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        build_darter(parsed.darter)
        interpreter = Interpreter(parsed.python)
        wanted = sorted({*parsed.applications, *(SERVERS[one].module or "" for one in parsed.servers)} - {""})
        modules = interpreter.modules(wanted)
        missing = sorted(set(wanted) - set(modules))
        if missing and not parsed.no_install:
            # Debian's packages are named after the modules.
            install([f"python3-{module}" for module in missing])
            modules = interpreter.modules(wanted)
        return _run(parsed, interpreter, modules)
    except (InstallError, InterpreterError) as error:
        print(f"reload: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(parsed: argparse.Namespace, interpreter: Interpreter, modules: Dict[str, str]) -> int:
    description = machine.describe()
    versions = ", ".join(f"{name} {version}" for name, version in sorted(modules.items()) if version)
    print(f"{description['cpu']}, {description['cores']} cores; {description['system']}; {versions}; commit {description['commit']}.\n")
    failed = False
    for application in parsed.applications:
        servers = [SERVERS[one] for one in parsed.servers if application in SERVERS[one].applications.split()]
        missing = [one for one in [application, *(server.module for server in servers)] if one and one not in modules]
        for module in missing:
            print(f"reload: {module} is not there and left out", file=sys.stderr)
        if application in missing:
            continue
        result = Table(f"{application}: from saving a source to the new answer", ["server", "ms", "least", "greatest", "failed", "stale"])
        with tempfile.TemporaryDirectory(prefix="reload-") as name:
            folder = Path(name)
            (folder / "app.py").write_text(APPLICATIONS[application])
            write_number(folder, 0)
            imports = [import_seconds(interpreter, folder) for _ in range(parsed.rounds)]
            result.rows.append(["(interpreter and import alone)", *_milliseconds(imports), "", ""])
            for server in (server for server in servers if server.module not in missing):
                try:
                    result.rows.append(_row(server, _measure(server, interpreter, parsed.darter.absolute(), folder, parsed.rounds)))
                except (StartError, ReloadError) as error:
                    failed = True
                    print(f"reload: failed: {server.title}, {application}: {error}", file=sys.stderr)
        print((to_markdown if parsed.markdown else to_text)(result), flush=True)
    return 1 if failed else 0


def _measure(server: Server, interpreter: Interpreter, darter: Path, folder: Path, rounds: int) -> List[Sample]:
    port = free_port()
    samples: List[Sample] = []
    write_number(folder, 0)
    with tempfile.TemporaryDirectory(prefix="reload-log-") as logs:
        with ServerProcess(server.command(interpreter, darter, port, folder), port, interpreter.environment(), Path(logs, "log")):
            for number in range(1, rounds + 1):
                time.sleep(_PAUSE_SECONDS)
                samples.append(measure(folder, port, number))
    return samples


def _row(server: Server, samples: Sequence[Sample]) -> List[str]:
    times = _milliseconds([sample.seconds for sample in samples])
    return [server.title, *times, str(sum(sample.failed for sample in samples)), str(sum(sample.stale for sample in samples))]


def _milliseconds(seconds: Sequence[float]) -> List[str]:
    return [f"{value * 1000:.0f}" for value in (median(seconds), min(seconds), max(seconds))]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/reload",
        description="Measures the time from saving a source to the answer of the new code, and what other requests meet meanwhile.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--servers", metavar="LIST", type=among(SERVERS), default=list(SERVERS), help=f"default: {','.join(SERVERS)}")
    add("--applications", metavar="LIST", type=among(APPLICATIONS), default=list(APPLICATIONS), help=f"default: {','.join(APPLICATIONS)}")
    add("--rounds", metavar="N", type=positive, default=10, help="changes for each server (default 10)")
    add_programs(parser)
    return parser


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
