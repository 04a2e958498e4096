"""Changes of a source, and what clients see of them."""

from __future__ import annotations

import http.client
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from compare_lib.interpreter import Interpreter

_PATIENCE_SECONDS = 20.0


class ReloadError(Exception):
    """The new code did not answer in time."""


@dataclass(frozen=True)
class Sample:
    seconds: float
    """From the moment the source was saved to the answer of the new code."""
    failed: int
    """Requests that were refused or got no answer meanwhile."""
    stale: int
    """Requests that the old code answered meanwhile."""


def write_number(folder: Path, number: int) -> None:
    """Saves the source as editors do: the new file takes the place of the old one."""
    temporary = folder / "number.py.new"
    temporary.write_text(f"NUMBER = {number}\n")
    temporary.replace(folder / "number.py")


def measure(folder: Path, port: int, number: int) -> Sample:
    """Saves another number and asks until it is the answer. Raises ReloadError."""
    write_number(folder, number)
    started = time.monotonic()
    failed = stale = 0
    while time.monotonic() - started < _PATIENCE_SECONDS:
        answer = _ask(port)
        if answer == str(number):
            return Sample(time.monotonic() - started, failed, stale)
        if answer is None:
            failed += 1
        else:
            stale += 1
        time.sleep(0.005)
    raise ReloadError(f"after {_PATIENCE_SECONDS:.0f} s the answer is still not {number}")


def import_seconds(interpreter: Interpreter, folder: Path) -> float:
    """How long a bare interpreter takes to start and import the application: nobody can be faster."""
    started = time.monotonic()
    subprocess.run([interpreter.path, "-c", "import app"], cwd=folder, check=True, env=interpreter.environment())
    return time.monotonic() - started


def _ask(port: int) -> Optional[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        body = response.read().decode()
        return body if response.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
