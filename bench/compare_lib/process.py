"""A server under test as a process: started, waited for, measured, and ended with all its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Type

from .check import answers
from .paths import APPS
from .procfs import ProcessKey, Stat, all_processes, process_tree

_START_SECONDS = 20.0
_STOP_SECONDS = 5.0


class StartError(Exception):
    """The server ended, or did not answer in time."""


class ServerProcess:
    """Context manager: inside it the server answers on its port; after it none of its processes is left."""

    def __init__(
        self, command: Sequence[str], port: int, environment: Dict[str, str], log: Path, is_tls: bool = False
    ) -> None:
        self.port = port
        self._is_tls = is_tls
        self.startup_seconds = 0.0
        self._command = list(command)
        self._environment = environment
        self._log = log
        self._process: Optional["subprocess.Popen[bytes]"] = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> "ServerProcess":
        started = time.monotonic()
        with self._log.open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                    cwd=APPS,
                    start_new_session=True,
                )
            except OSError as error:
                raise StartError(f"{self._command[0]}: {error.strerror}") from error
        try:
            self._wait_for_response(started)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self._stop()

    def tree(self) -> List[Stat]:
        """The server's processes."""
        return process_tree(self.pid)

    def ended(self) -> Optional[str]:
        """Why the server is no longer there, or None while it runs."""
        assert self._process is not None
        status = self._process.poll()
        return None if status is None else f"the server ended with status {status}: {self.log_tail()}"

    def log_tail(self) -> str:
        """The end of what the server printed, on one line."""
        text = self._log.read_text(errors="replace").strip()
        return " / ".join(line.strip() for line in text.splitlines()[-3:])[-400:] or "it printed nothing"

    def _wait_for_response(self, started: float) -> None:
        deadline = started + _START_SECONDS
        while time.monotonic() < deadline:
            if answers(self.port, timeout=deadline - time.monotonic(), is_tls=self._is_tls) == 200:
                self.startup_seconds = time.monotonic() - started
                return
            reason = self.ended()
            if reason is not None:
                raise StartError(reason)
            time.sleep(0.005)
        raise StartError(f"no response within {_START_SECONDS:.0f} s: {self.log_tail()}")

    def _stop(self) -> None:
        """SIGTERM, then SIGKILL, to the processes found by their ids and start times and to no others."""
        with _signals_ignored():
            self._end_tree()

    def _end_tree(self) -> None:
        assert self._process is not None
        members = [stat.key for stat in self.tree()]
        for signal_number, seconds in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _STOP_SECONDS)):
            # The root first: most servers end their workers themselves.
            _signal([key for key in members if key[0] == self.pid], signal_number)
            try:
                self._process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                continue
            members = _left_of(members, self.pid)
            if not members:
                return
            _signal(members, signal_number)
            deadline = time.monotonic() + seconds
            while members and time.monotonic() < deadline:
                time.sleep(0.01)
                members = _left_of(members, self.pid)
        if members:
            print(f"compare: could not end processes {[pid for pid, _ in members]}", file=sys.stderr)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """A second Ctrl-C must not interrupt the cleaning up after the first."""
    previous = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _left_of(members: Iterable[ProcessKey], session: int) -> List[ProcessKey]:
    """Those of the members that still run, and whoever else is in the session now."""
    wanted = set(members)
    return [stat.key for stat in all_processes() if stat.runs and (stat.key in wanted or stat.session == session)]


def _signal(members: Iterable[ProcessKey], signal_number: int) -> None:
    running = {stat.key for stat in all_processes() if stat.runs}
    for key in members:
        if key in running:
            try:
                os.kill(key[0], signal_number)
            except ProcessLookupError:
                pass
