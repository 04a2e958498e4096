"""The program: prepares, measures, prints."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import List, Optional, Sequence, Tuple, TypeVar, Union

from . import machine
from .install import InstallError, build_darter, install, missing_packages
from .interpreter import Interpreter, InterpreterError
from .json_report import to_json
from .model import Results, Workload
from .options import parser
from .report import legend, load_tables, process_tables
from .runner import Runner
from .servers.base import Host, Server
from .settings import Settings
from .suites import ALL
from .suites.suite import Suite
from .tables import to_markdown, to_text

_Named = TypeVar("_Named", bound=Union[Server, Workload])


class _UsageError(Exception):
    pass


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parsed = parser().parse_args(arguments)
    suite = ALL[parsed.suite]
    # Where Debian has nginx; it is not on every user's path.
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        host, settings = _prepare(parsed, suite)
    except (_UsageError, InstallError, InterpreterError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2 if isinstance(error, _UsageError) else 1
    return _run(parsed, suite, host, settings)


def _prepare(parsed: argparse.Namespace, suite: Suite) -> Tuple[Host, Settings]:
    wanted = _select(suite.servers, parsed.servers, "server")
    workloads = _select(suite.workloads, parsed.workloads, "workload")
    build_darter(parsed.darter)
    host = _host(parsed, suite)
    missing = missing_packages(suite, wanted, host)
    if missing and not parsed.no_install:
        install(missing)
        host = _host(parsed, suite)
    servers = _present(wanted, host, explicit=parsed.servers is not None)
    baseline = parsed.baseline
    if baseline not in [server.name for server in servers]:
        baseline = servers[0].name
    quick = parsed.quick
    keep_alive = parsed.keep_alive or ("on" if quick else suite.keep_alive)
    return host, Settings(
        servers=tuple(servers),
        workloads=tuple(workloads),
        workers=tuple(parsed.workers or ([suite.quick_workers] if quick else suite.workers)),
        connections=tuple(parsed.connections or ([suite.quick_connections] if quick else suite.connections)),
        keep_alive={"on": (True,), "off": (False,), "both": (True, False)}[keep_alive],
        headers=parsed.headers,
        rounds=parsed.rounds or (1 if quick else 3),
        seconds=parsed.duration or (suite.quick_seconds if quick else suite.seconds),
        baseline=baseline,
    )


def _host(parsed: argparse.Namespace, suite: Suite) -> Host:
    interpreter = Interpreter(parsed.python)
    names = [name for server in suite.servers if server.module for name in (server.module, *server.needs)]
    names += suite.modules
    return Host(interpreter, interpreter.modules(dict.fromkeys(names)), parsed.darter.absolute())


def _select(available: Sequence[_Named], names: Optional[List[str]], kind: str) -> List[_Named]:
    """Those named, in the suite's order; all of them when none is named."""
    if names is None:
        return list(available)
    known = [one.name for one in available]
    for name in names:
        if name not in known:
            raise _UsageError(f"there is no {kind} {name!r}; there are {', '.join(known)}")
    return [one for one in available if one.name in names]


def _present(wanted: Sequence[Server], host: Host, explicit: bool) -> List[Server]:
    present = []
    for server in wanted:
        if server.version(host) is not None:
            present.append(server)
        elif explicit:
            raise InstallError(f"{server.title} was asked for and is not there")
        else:
            print(f"compare: {server.title} is not there and left out", file=sys.stderr)
    if not present:
        raise InstallError("none of the servers is there")
    return present


def _run(parsed: argparse.Namespace, suite: Suite, host: Host, settings: Settings) -> int:
    description = machine.describe()
    minutes = settings.estimated_seconds() / 60
    print(f"compare: {settings.visits()} server starts, about {minutes:.0f} min", file=sys.stderr)
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"compare: the load average is {load:.2f}: something else runs here", file=sys.stderr)
    runner = Runner(settings, host)
    try:
        runner.run()
    except KeyboardInterrupt:
        runner.results.interrupted = True
    except InterpreterError as error:
        print(f"compare: {error}", file=sys.stderr)
        return 1
    _print(runner.results, settings, host, description, parsed.markdown)
    if parsed.json:
        document = to_json(suite.name, runner.results, settings, host, description)
        parsed.json.write_text(json.dumps(document, indent=1) + "\n")
    failures = runner.results.failures()
    for cell, reason in failures:
        where = f"{cell.server}, {cell.workload}, {cell.workers} workers, {cell.connections} connections"
        print(f"compare: failed: {where}: {reason}", file=sys.stderr)
    if runner.results.interrupted:
        return 130
    return 1 if failures else 0


def _print(
    results: Results, settings: Settings, host: Host, description: machine.Description, markdown: bool
) -> None:
    versions = ", ".join(f"{server.title} {server.version(host)}".strip() for server in settings.servers)
    heading = [
        f"{description['cpu']}, {description['cores']} cores, {description['memory_mib']} MiB; "
        f"{description['system']}, Linux {description['kernel']}; Python {host.modules['python']}; "
        f"wrk {description['wrk']}; commit {description['commit']}.",
        f"{versions}.",
        *legend(settings),
    ]
    if results.interrupted:
        heading.append("Interrupted: not everything was measured.")
    render = to_markdown if markdown else to_text
    print("\n".join(f"- {line}" if markdown else line for line in heading), end="\n\n")
    for table in load_tables(results, settings) + process_tables(results, settings):
        print(render(table))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
