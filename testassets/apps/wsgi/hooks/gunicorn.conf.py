"""Every hook appends a line to $EVENTS."""

import os

timeout = 1
proc_name = "shop"


def _note(*words):
    descriptor = os.open(os.environ["EVENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (" ".join(map(str, words)) + "\n").encode())
    os.close(descriptor)


def on_starting(server):
    _note("on_starting", server.cfg.proc_name, server.cfg.timeout, server.cfg.threads)
    if os.environ.get("BROKEN") == "on_starting":
        raise RuntimeError("not today")


def when_ready(server):
    _note("when_ready", len(server.WORKERS))


def on_reload(server):
    _note("on_reload")


def on_exit(server):
    _note("on_exit")


def nworkers_changed(server, new_value, old_value):
    _note("nworkers_changed", old_value, new_value)


def pre_fork(server, worker):
    _note("pre_fork", worker.age)


def child_exit(server, worker):
    _note("child_exit", worker.pid)


def post_fork(server, worker):
    _note("post_fork", worker.age, worker.pid)
    if os.environ.get("BROKEN") == "post_fork":
        raise RuntimeError("not today")


def post_worker_init(worker):
    _note("post_worker_init", worker.pid)


def pre_request(worker, req):
    _note("pre_request", req.method, req.path, worker.nr)


def post_request(worker, req, environ, resp):
    _note("post_request", environ["PATH_INFO"], resp.status)


def worker_int(worker):
    _note("worker_int", worker.pid)


def worker_abort(worker):
    _note("worker_abort", worker.pid)


def worker_exit(server, worker):
    _note("worker_exit", worker.pid)
