"""CPU time and memory of processes, from /proc (see proc(5))."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

from .model import ProcessMemory

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

ProcessKey = Tuple[int, int]
"""Process id and start time: unlike the id alone never used twice."""


@dataclass(frozen=True)
class Stat:
    """The fields of /proc/PID/stat that are used here; times in clock ticks."""

    pid: int
    parent: int
    session: int
    cpu_ticks: int
    started: int
    state: str

    @property
    def key(self) -> ProcessKey:
        return (self.pid, self.started)

    @property
    def runs(self) -> bool:
        """False for a process that ended and whose parent has not collected its status."""
        return self.state not in ("Z", "X")


def parse_stat(text: str) -> Stat:
    """Parses a /proc/PID/stat line. The command's name may hold spaces and parentheses, so split after it."""
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Stat(
        pid=int(head.split("(", 1)[0]),
        parent=int(fields[1]),
        session=int(fields[3]),
        cpu_ticks=int(fields[11]) + int(fields[12]),
        started=int(fields[19]),
        state=fields[0],
    )


def parse_smaps_rollup(text: str) -> Dict[str, int]:
    """The ``Name: N kB`` lines of smaps_rollup, in KiB."""
    sizes = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        words = value.split()
        if colon and len(words) == 2 and words[1] == "kB":
            sizes[name] = int(words[0])
    return sizes


def all_processes() -> List[Stat]:
    stats = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stats.append(parse_stat(Path("/proc", entry, "stat").read_text()))
            except (FileNotFoundError, ProcessLookupError):
                pass  # It ended between the listing and the reading.
    return stats


def process_tree(root: int) -> List[Stat]:
    """The process, its descendants and whatever else is in the session it leads, the root first."""
    stats = all_processes()
    members = {root}
    grown = True
    while grown:
        found = {stat.pid for stat in stats if stat.parent in members or stat.session == root}
        grown = not found <= members
        members |= found
    return sorted((stat for stat in stats if stat.pid in members), key=lambda stat: (stat.pid != root, stat.pid))


def cpu_seconds_between(before: List[Stat], after: List[Stat]) -> float:
    """CPU time the processes used between two listings of them; one that is new counts from its start."""
    earlier = {stat.key: stat.cpu_ticks for stat in before}
    ticks = sum(stat.cpu_ticks - earlier.get(stat.key, 0) for stat in after)
    return ticks / _TICKS_PER_SECOND


def memory_of(root: int) -> Tuple[ProcessMemory, ...]:
    """Memory of each process of the tree."""
    processes = []
    for stat in process_tree(root):
        try:
            sizes = parse_smaps_rollup(Path("/proc", str(stat.pid), "smaps_rollup").read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
        processes.append(ProcessMemory(stat.pid, stat.pid == root, sizes.get("Pss", 0), sizes.get("Rss", 0)))
    return tuple(processes)
