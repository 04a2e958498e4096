"""The tables of a run."""

from __future__ import annotations

from typing import List, Optional, Tuple

from . import formats
from .medians import known, middle, ratio, spread, values_of
from .model import Cell, CellResult, Results, Sample, Workload
from .servers.base import Server
from .settings import Settings
from .tables import Table

_SATURATED = 0.95

_PROCESS_NOTES = (
    "start: to the first response. Memory in MiB after load: the highest of the medians over the workloads.",
    "first process: the one that was started (a master, or Darter's front); each other: the median of the rest.",
    "python alone: one interpreter with the application imported, no server.",
)


def load_tables(results: Results, settings: Settings) -> List[Table]:
    """One table per workload, number of workers and kind of connection."""
    return [
        table
        for workload in settings.workloads
        for workers in settings.workers
        for keep_alive in settings.kinds_of_connection(workload)
        for table in [_load_table(results, settings, workload, workers, keep_alive)]
        if table.rows
    ]


def _load_table(
    results: Results, settings: Settings, workload: Workload, workers: int, keep_alive: bool
) -> Table:
    ratio_title = f"{settings.baseline} ×"
    table = Table(
        f"{workload.title}; {_workers(workers)}; {_connections(workload, keep_alive)}",
        [
            *("server", "conns", f"{workload.unit}/s", "min–max", ratio_title),
            *(f"CPU µs/{workload.unit}", "front + rest", ratio_title),
            *("p50", "p99", *(["p99.9"] if workload.mixed else []), "PSS MiB", "RSS MiB"),
        ],
    )
    for connections in settings.connections_of(workload):
        baseline = results.cells.get(Cell(settings.baseline, workload.name, workers, connections, keep_alive))
        for server in settings.servers:
            cell = Cell(server.name, workload.name, workers, connections, keep_alive)
            result = results.cells.get(cell)
            if server.one_process and workers > 1:
                _note(table, f"{server.title}: n/a, it has one process only.")
            if result is None or not (result.samples or result.failure):
                continue
            label = server.title
            if keep_alive and not server.keeps_alive:
                label += " †"
                _note(table, "† has no keep-alive: a new connection per request in this table too.")
            if any(sample.client_cpu > _SATURATED for sample in result.samples):
                label += " *"
                _note(table, "* the load generator used a whole core: the server may be faster than this.")
            if result.failure is not None:
                table.rows.append([label, str(connections), "failed", *[formats.NOTHING] * (len(table.columns) - 3)])
                _note(table, f"{server.title} failed at {connections} connections: {result.failure}")
            else:
                table.rows.append([label, str(connections), *_figures(server, workload, result, baseline)])
    return table


def _figures(server: Server, workload: Workload, result: CellResult, baseline: Optional[CellResult]) -> List[str]:
    rates = values_of(result, _rate)
    cpu = middle(values_of(result, _cpu))
    front = middle(values_of(result, lambda sample: sample.first_cpu_us)) if server.has_front else None
    rest = middle(values_of(result, lambda sample: sample.cpu_us - sample.first_cpu_us)) if server.has_front else None
    return [
        formats.rate(middle(rates)),
        formats.rate_range(spread(rates)),
        formats.times(ratio(middle(values_of(baseline, _rate)), middle(rates))),
        formats.microseconds(cpu),
        formats.two_microseconds(front, rest),
        formats.times(ratio(cpu, middle(values_of(baseline, _cpu)))),
        formats.latency(middle(known(values_of(result, lambda sample: sample.p50_us)))),
        formats.latency(middle(known(values_of(result, lambda sample: sample.p99_us)))),
        *([formats.latency(middle(values_of(result, lambda sample: sample.p999_us or 0.0)))] if workload.mixed else []),
        formats.mebibytes(middle(values_of(result, lambda sample: sample.pss))),
        formats.mebibytes(middle(values_of(result, lambda sample: sample.rss))),
    ]


def process_tables(results: Results, settings: Settings) -> List[Table]:
    """Start and memory, per application and number of workers."""
    tables = []
    modules = list(dict.fromkeys(workload.module for workload in settings.workloads))
    for module in modules:
        for workers in settings.workers:
            table = Table(
                f"Start and memory; {module}.py; {_workers(workers)}",
                [
                    *("server", "start ms", "PSS MiB", "RSS MiB"),
                    *("first process PSS", "first process RSS", "each other PSS", "each other RSS"),
                ],
            )
            for server in settings.servers:
                row = _process_row(results, settings, server, module, workers)
                if row:
                    table.rows.append(row)
            bare = results.bare.get(module)
            if bare is not None and table.rows:
                sizes = [formats.mebibytes(bare.pss), formats.mebibytes(bare.rss)]
                table.rows.append(["python alone", formats.NOTHING, *sizes, *[formats.NOTHING] * 4])
                table.notes += _PROCESS_NOTES
                tables.append(table)
    return tables


def _process_row(
    results: Results, settings: Settings, server: Server, module: str, workers: int
) -> Optional[List[str]]:
    startups = results.startups.get((server.name, module, workers))
    heaviest = _heaviest(results, settings, server, module, workers)
    if not startups or heaviest is None:
        return None
    others = [process for process in heaviest.memory if not process.is_root]
    first = [process for process in heaviest.memory if process.is_root]
    return [
        server.title,
        formats.milliseconds(middle(startups)),
        formats.mebibytes(heaviest.pss),
        formats.mebibytes(heaviest.rss),
        formats.mebibytes(middle([process.pss for process in first])),
        formats.mebibytes(middle([process.rss for process in first])),
        formats.mebibytes(middle([process.pss for process in others])),
        formats.mebibytes(middle([process.rss for process in others])),
    ]


def _heaviest(
    results: Results, settings: Settings, server: Server, module: str, workers: int
) -> Optional[Sample]:
    """The sample with the median memory, of the cell where that median is highest."""
    medians = []
    names = {workload.name for workload in settings.workloads if workload.module == module}
    for cell, result in results.cells.items():
        if cell.server == server.name and cell.workers == workers and cell.workload in names and result.samples:
            by_memory = sorted(result.samples, key=lambda sample: sample.pss)
            medians.append(by_memory[len(by_memory) // 2])
    return max(medians, key=lambda sample: sample.pss) if medians else None


def legend(settings: Settings) -> Tuple[str, ...]:
    """What the columns mean, in lines."""
    return (
        f"Medians of {settings.rounds} rounds of {settings.seconds} s each; min–max: the spread over the rounds.",
        f"{settings.baseline} ×: how many times better {settings.baseline} is than the row, in requests per second and "
        "in CPU per request (above 1.00 it is better).",
        "CPU: user and system time of all the server's processes. Memory: all its processes, after load.",
        "The load generator runs on the same machine with one thread: on two cores it takes one of them from the server.",
    )


def _note(table: Table, text: str) -> None:
    if text not in table.notes:
        table.notes.append(text)


def _connections(workload: Workload, keep_alive: bool) -> str:
    if workload.is_websocket:
        return "one message at a time on each WebSocket"
    return "keep-alive" if keep_alive else "a new connection per request"


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _rate(sample: Sample) -> float:
    return sample.requests_per_second


def _cpu(sample: Sample) -> float:
    return sample.cpu_us
