"""The process in which the hooks of Gunicorn's master run: the front, which has that place here, is no Python.

It reads a line of JSON for each call from standard input, and answers each with a line on standard output.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from darter._hooks import Config, Server, WorkerView, logger
from darter.gunicorn_config import ConfigError, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, TextIO


class Arbiter:
    def __init__(self, place: Dict[str, Any]) -> None:
        self._found = load(place["location"], place["folder"])
        self._cfg = Config(self._found, place["settings"])
        self._log = logger()
        self._server = Server(self._cfg, self._log, place)

    def call(self, order: Dict[str, Any]) -> None:
        """Calls a hook. An exception is its own."""
        name = order["hook"]
        if order.get("place"):
            self._read(order["place"])
        worker = self._follow(name, order)
        hook = self._found.get(name)
        if hook is None:
            return
        if name in ("pre_fork", "child_exit"):
            hook(self._server, worker)
        elif name == "nworkers_changed":
            hook(self._server, order["new"], order["old"])
        else:
            hook(self._server)

    def _read(self, place: Dict[str, Any]) -> None:
        """Takes the hooks of a configuration that was changed. If they cannot be had, those from before stay."""
        self._found = load(place["location"], place["folder"])
        self._cfg = self._server.cfg = Config(self._found, place["settings"])

    def _follow(self, name: str, order: Dict[str, Any]) -> Any:
        """Keeps ``server.WORKERS``, whether or not there is a hook."""
        if name == "pre_fork":
            return WorkerView(self._cfg, self._log, order["age"], None)
        if name == "child_exit":
            worker = self._server.WORKERS.pop(order["pid"], None) or WorkerView(self._cfg, self._log, order["age"], order["pid"])
            worker.alive = False
            return worker
        if name == "forked":
            self._server.WORKERS[order["pid"]] = WorkerView(self._cfg, self._log, order["age"], order["pid"])
        elif name == "nworkers_changed":
            self._server.num_workers = order["new"]
        return None


def serve(place: Dict[str, Any]) -> int:
    """Runs until the front ends."""
    # What hooks print is for people; the answers keep the descriptor.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # These are the front's to handle. It ends this process by closing the input.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        arbiter = Arbiter(place)
    except ConfigError as error:
        _answer(answers, error=str(error))
        return 1
    _answer(answers)
    for line in sys.stdin:
        try:
            arbiter.call(json.loads(line))
        except BaseException as error:
            _answer(answers, error=_explain(error))
        else:
            _answer(answers)
    return 0


def _answer(answers: TextIO, **answer: Any) -> None:
    try:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    except BrokenPipeError:
        # The front is gone, and the input ends with it.
        pass


def _explain(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, _of_hook(error.__traceback__))).rstrip()


def _of_hook(trace: Any) -> Any:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
