"""A worker process: started by Darter's front, as a file or as ``python -m darter.worker``.

``DARTER_WORKER`` in the environment says, as JSON, which library, channels and application to use. With
``DARTER_ZYGOTE`` instead, the process loads the application and forks the workers (``--preload``); with
``DARTER_ARBITER`` it runs the hooks of Gunicorn's master.
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
    """The application's folder comes first, and Darter's own is not there."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", _FOLDER, os.getcwd())]
    sys.path[:0] = [*entries, os.getcwd()]


def _provide_package() -> None:
    """Makes the package ``darter`` importable by itself: beside it may lie what another interpreter has installed."""
    if os.path.dirname(_FOLDER) in sys.path:
        return
    import importlib.util

    spec = importlib.util.spec_from_file_location("darter", os.path.join(_FOLDER, "__init__.py"), submodule_search_locations=[_FOLDER])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["darter"] = module
    spec.loader.exec_module(module)


def set_title(title: str) -> None:
    """Replaces the command line that ``ps`` shows. The title is in it already, so there is room for it."""
    import ctypes

    try:
        # proc(5): arg_start and arg_end are fields 48 and 49; the third is the first after the name in parentheses.
        with open("/proc/self/stat", "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        if 0 < start < end:
            ctypes.memmove(start, title.encode("utf-8", "surrogateescape").ljust(end - start, b"\0")[: end - start], end - start)
        with open("/proc/self/comm", "wb") as comm:
            comm.write(title.partition("[")[2].rstrip("]").encode("utf-8", "surrogateescape")[:15])
    except OSError:
        pass


def main() -> int:
    import signal

    front = os.getppid()
    _follow_parent(front)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        # The front acts on these, should all processes be sent them. The application may use them otherwise.
        signal.signal(number, lambda *_: None)

    import json

    role = next(role for role in ("ZYGOTE", "ARBITER", "WORKER") if "DARTER_" + role in os.environ)
    config = json.loads(os.environ.pop("DARTER_" + role))
    if len(sys.argv) > 1:
        set_title(sys.argv.pop())
    _prepare_path(config.get("path", []))
    _provide_package()
    if role == "ZYGOTE":
        from darter._zygote import Zygote

        return Zygote(config).run()
    if role == "ARBITER":
        from darter._arbiter import serve

        return serve(config)

    from darter._worker import Worker

    return Worker(config).run()


if __name__ == "__main__":
    sys.exit(main())
