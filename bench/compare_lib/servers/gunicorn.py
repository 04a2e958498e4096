from __future__ import annotations

from typing import List

from .base import Launch, Server


class _Gunicorn(Server):
    packages = ("python3-gunicorn",)
    module = "gunicorn"
    options: List[str]

    def command(self, launch: Launch) -> List[str]:
        return [
            *(launch.host.interpreter.path, "-m", "gunicorn"),
            *("--bind", f"127.0.0.1:{launch.port}"),
            *self.concurrency(launch.workers),
            *("--log-level", "warning"),
            # The heartbeat file in memory, as Gunicorn's FAQ advises.
            *("--worker-tmp-dir", "/dev/shm"),
            *self.options,
            f"{launch.workload.module}:application",
        ]

    def concurrency(self, workers: int) -> List[str]:
        return ["--workers", str(workers)]


class GunicornSync(_Gunicorn):
    """The default worker class; it has no keep-alive."""

    name = "gunicorn"
    title = "Gunicorn (sync)"
    keeps_alive = False
    options = ["--worker-class", "sync"]


class GunicornThreads(_Gunicorn):
    name = "gunicorn-gthread"
    title = "Gunicorn (gthread, 4 threads)"
    options = ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "75"]


class GunicornOneProcess(GunicornThreads):
    """One worker with a thread for each that is asked for."""

    name = "gunicorn-threads"
    title = "Gunicorn (gthread)"
    interface = "wsgi"
    options = ["--worker-class", "gthread", "--keep-alive", "75"]

    def concurrency(self, workers: int) -> List[str]:
        return ["--workers", "1", "--threads", str(workers)]
