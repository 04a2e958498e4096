"""Measures: in each round every server in turn, so that a slow minute of the machine meets all of them."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, Optional

from . import download, h2load, handshakes, load, wrk
from .check import CheckError, check
from .interpreter import Reference
from .model import Cell, Results, Sample, Workload
from .ports import free_port, wait_for_client_ports
from .process import ServerProcess, StartError
from .procfs import cpu_seconds_between, memory_of
from .servers.base import Host, Launch, Server
from .settings import WARM_UP_SECONDS, Settings
from .static_folder import prepare
from .websocket import generator
from .websocket.check import check_websocket


class Runner:
    """One run of the program; ``results`` is usable even after an interruption."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self.results = Results()
        self._settings = settings
        self._host = host
        self._visit = 0
        self._started = time.monotonic()

    def run(self) -> None:
        references: Dict[str, Reference] = {}
        if any(workload.is_file for workload in self._settings.workloads):
            prepare()
        for workload in self._settings.workloads:
            if not workload.is_websocket and not workload.is_download:
                references[workload.name] = self._host.interpreter.reference(workload)
            if workload.module not in self.results.bare:
                self.results.bare[workload.module] = self._host.interpreter.bare_memory(workload.module)
        for workload in self._settings.workloads:
            for workers in self._settings.workers:
                for round_number in range(1, self._settings.rounds + 1):
                    for server in self._settings.servers:
                        where = f"{workload.name}, {workers} workers, round {round_number}"
                        self._visit_server(server, workload, workers, references.get(workload.name), where)

    def _visit_server(
        self, server: Server, workload: Workload, workers: int, reference: Optional[Reference], where: str
    ) -> None:
        cells = [
            Cell(server.name, workload.name, workers, connections, keep_alive)
            for keep_alive in self._settings.kinds_of_connection(workload)
            for connections in self._settings.connections_of(workload)
        ]
        reason = server.not_applicable(workload, workers)
        if reason is not None:
            for cell in cells:
                self.results.cell(cell).not_applicable = reason
            return
        self._progress(f"{where}: {server.name}")
        # A server that failed is not started again: its cells have no median any more.
        pending = [cell for cell in cells if self.results.cell(cell).failure is None]
        if not pending:
            return
        port = free_port()
        with tempfile.TemporaryDirectory(prefix="bench-compare-") as folder:
            launch = Launch(self._host, workload, port, workers, Path(folder))
            process = ServerProcess(
                server.command(launch),
                port,
                self._host.interpreter.environment(),
                Path(folder, "server.log"),
                workload.is_tls,
            )
            try:
                with process:
                    startups = self.results.startups.setdefault((server.name, workload.module, workers), [])
                    startups.append(process.startup_seconds)
                    if workload.is_websocket:
                        check_websocket(port, workload)
                    elif reference is not None:
                        check(port, workload, reference, server.keeps_alive)
                    self._load(process, workload, max(self._settings.connections), True, WARM_UP_SECONDS)
                    for cell in pending:
                        self._measure(process, workload, cell)
            except (StartError, CheckError, load.LoadError) as error:
                for cell in pending:
                    self._fail(cell, str(error))

    def _measure(self, process: ServerProcess, workload: Workload, cell: Cell) -> None:
        before = process.tree()
        run = self._load(process, workload, cell.connections, cell.keep_alive, self._settings.seconds)
        after = process.tree()
        reason = process.ended() or run.report.errors
        if reason is not None:
            self._fail(cell, reason)
            return
        sample = Sample(
            requests_per_second=run.report.requests_per_second,
            cpu_us=cpu_seconds_between(before, after) / run.report.requests * 1e6,
            first_cpu_us=cpu_seconds_between(before[:1], after[:1]) / run.report.requests * 1e6,
            p50_us=run.report.p50_us,
            p99_us=run.report.p99_us,
            client_cpu=run.client_cpu_seconds / self._settings.seconds,
            memory=memory_of(process.pid),
            p999_us=run.report.p999_us,
        )
        self.results.cell(cell).samples.append(sample)
        alive = "" if cell.keep_alive else ", Connection: close"
        self._say(
            f"    {cell.connections} connections{alive}: {sample.requests_per_second:,.0f} {workload.unit}/s, "
            f"{sample.cpu_us:.1f} us CPU"
        )

    def _load(
        self, process: ServerProcess, workload: Workload, connections: int, keep_alive: bool, seconds: int
    ) -> load.LoadRun:
        wait_for_client_ports()
        if workload.is_download:
            # Which checks the length each time.
            return load.run(download.command(process.port, workload, seconds), seconds, download.parse)
        if workload.is_websocket:
            line = generator.command(process.port, workload, connections, seconds)
            return load.run(line, seconds, generator.parse)
        if workload.is_handshake:
            return load.run(handshakes.command(process.port, workload, connections, seconds), seconds, handshakes.parse)
        if workload.is_tls:
            return h2load.run(process.port, workload, connections, seconds)
        url = f"http://127.0.0.1:{process.port}{workload.path}"
        line = wrk.command(url, workload, connections, seconds, keep_alive, self._settings.headers)
        return load.run(line, seconds, wrk.parse)

    def _fail(self, cell: Cell, reason: str) -> None:
        self.results.cell(cell).failure = reason
        self._say(f"    FAILED at {cell.connections} connections: {reason}")

    def _progress(self, what: str) -> None:
        visits = self._settings.visits()
        passed = time.monotonic() - self._started
        seconds_left = passed / self._visit * (visits - self._visit) if self._visit else None
        remaining = f", {seconds_left / 60:.0f} min left" if seconds_left is not None else ""
        self._visit += 1
        self._say(f"[{self._visit}/{visits}{remaining}] {what}")

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)
