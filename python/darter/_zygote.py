"""The process of ``--preload``: loads the application once, and forks the workers from it.

It never loads libdarter.so: the .NET runtime in there does not survive a fork. The front (``ZygoteLauncher``) tells it
what to do in messages of JSON, with descriptors beside them.
"""

from __future__ import annotations

import array
import fcntl
import gc
import json
import os
import signal
import socket
import sys
import threading

from darter._output import redirect
from darter._worker import NOT_LOADED, Worker, explain
from darter.interface import interface_of
from darter.target import load
from darter.worker import set_title

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

_MESSAGE = 256 * 1024
_DESCRIPTORS = 253
#: Which signal tells of a descriptor's events; fcntl has no name for it before Python 3.11.
_F_SETSIG = 10


class Zygote:
    def __init__(self, config: Dict[str, Any]) -> None:
        self._config = config
        self._socket = socket.socket(fileno=config["socket"])
        self._socket.set_inheritable(False)

    def run(self) -> int:
        """Forks workers until the front ends. Returns the exit status, in the forked workers their own."""
        redirect(self._config.get("output"))
        try:
            application = load(self._config["target"], self._config.get("interface", "auto"))
            interface_of(application, self._config.get("interface", "auto"))
        except BaseException as error:
            self._say(failed=explain(error))
            return NOT_LOADED
        # What is here stays: the collector need not touch, and so copy, its pages in every worker.
        gc.collect()
        gc.freeze()
        self._say(ready=True, threads=[thread.name for thread in threading.enumerate() if thread is not threading.current_thread()])
        while True:
            order, descriptors = self._receive()
            if order is None:
                return 0
            if "reap" in order:
                os.waitpid(order["reap"], 0)
                continue
            config = self._fork(order["fork"], descriptors)
            if config is not None:
                return Worker(config).run(application)

    def _receive(self) -> Tuple[Optional[Dict[str, Any]], List[int]]:
        """The next order, with its descriptors; None at the end."""
        descriptors = array.array("i")
        while True:
            message, control, _, _ = self._socket.recvmsg(_MESSAGE, socket.CMSG_SPACE(_DESCRIPTORS * descriptors.itemsize))
            if not message:
                return None, []
            for _, kind, data in control:
                if kind == socket.SCM_RIGHTS:
                    descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
            order = json.loads(message)
            if not order.get("more"):
                return order, list(descriptors)

    def _fork(self, config: Dict[str, Any], descriptors: List[int]) -> Optional[Dict[str, Any]]:
        """None in this process, in the new one what it is told."""
        for stream in (sys.stdout, sys.stderr):
            # What waits in a buffer would be written by every worker.
            if stream is not None:
                stream.flush()
        try:
            pid = os.fork()
        except OSError as error:
            self._say(error=str(error))
            pid = -1
        if pid == 0:
            self._socket.close()
            _hold(descriptors[-1])
            if self._config.get("title"):
                set_title(self._config["title"])
            for channel in config["channels"]:
                channel["socket"] = descriptors[channel["socket"]]
                channel["page"] = descriptors[channel["page"]]
            for part in ("socket", "memory"):
                config["watch"][part] = descriptors[config["watch"][part]]
            if config.get("output"):
                config["output"]["descriptor"] = descriptors[config["output"]["descriptor"]]
            return config
        for descriptor in descriptors:
            os.close(descriptor)
        if pid > 0:
            self._say(forked=pid)
        return None

    def _say(self, **answer: Any) -> None:
        self._socket.sendall(json.dumps(answer).encode("utf-8", "replace")[:_MESSAGE])


def _hold(lifeline: int) -> None:
    """Has the kernel end this process when the front closes its end, as it does by ending, however that comes about.

    The death of the parent, by which other workers are ended, would here be that of the zygote.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    end = socket.socket(fileno=lifeline)
    try:
        # The front may have ended before the signal was asked for.
        is_gone = not end.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        is_gone = False
    end.detach()
    if is_gone:
        os._exit(0)
