"""A worker process: started by Darter's front, as a file or as ``python -m darter.worker``.

``DARTER_WORKER`` in the environment says, as JSON, which library, channels and application to use.
"""

from __future__ import annotations

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def _follow_parent(front: int) -> None:
    """Has the kernel end this process when the front ends, however that comes about."""
    import ctypes
    import signal

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != front:
        os._exit(0)


def _prepare_path(entries: list[str]) -> None:
    """The application's folder comes first, Darter's own last: nothing of Darter's hides a module of the application."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", _FOLDER, os.getcwd())]
    sys.path[:0] = [*entries, os.getcwd()]
    parent = os.path.dirname(_FOLDER)
    if parent not in sys.path:
        sys.path.append(parent)


def main() -> int:
    import signal

    front = os.getppid()
    _follow_parent(front)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        # The front acts on these, should all processes be sent them. The application may use them otherwise.
        signal.signal(number, lambda *_: None)

    import json

    config = json.loads(os.environ.pop("DARTER_WORKER"))
    _prepare_path(config.get("path", []))

    from darter._worker import Worker

    return Worker(config).run()


if __name__ == "__main__":
    sys.exit(main())
