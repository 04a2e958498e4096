"""The machine the figures are from."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Dict, List, Union

from .paths import CHECKOUT

Description = Dict[str, Union[str, int, float, List[float]]]


def describe() -> Description:
    """Processor, cores, memory, kernel, distribution, load at the start, wrk and the checkout's commit."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": _first_match(Path("/proc/cpuinfo"), r"^model name\s*:\s*(.+)$") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": int(memory.group(1)) // 1024 if memory else 0,
        "kernel": platform.release(),
        "system": _first_match(Path("/etc/os-release"), r'^PRETTY_NAME="?([^"\n]+)') or platform.system(),
        "load_average": list(os.getloadavg()),
        "wrk": _wrk_version(),
        "commit": _commit(),
    }


def _first_match(path: Path, pattern: str) -> str:
    try:
        match = re.search(pattern, path.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1).strip() if match else ""


def _wrk_version() -> str:
    # wrk --version prints it in front of its usage and exits with status 1.
    try:
        output = subprocess.run(["wrk", "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ""
    words = output.split()
    return words[1] if len(words) > 1 else ""


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty"], capture_output=True, text=True
        )
    except OSError:
        return ""
    return done.stdout.strip()
