"""Views that end or harm their process, and some that only take their time.

/exit?status=N  /segfault  /abort     end the process in the middle of the request
/wait?port=P                          waits at the gate, then answers
/partial?port=P[&length=N]            streams a piece, waits at the gate, streams another
/read?port=P                          reports that it runs, then reads the body
/sleep?port=P  /spin?port=P           reports that it runs, then never ends: in a system call, in Python code
/terminate                            sends SIGTERM to its own process, then answers
/garbage?data=HEX                     writes into the channel behind the server's back, then never ends
/closed                               closes every descriptor, then answers
/fork?how=NAME[&port=P]               forks, then answers; see FORKS
/descriptors                          answers with what a program that it starts inherits

Everything else answers with the process id.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import parse_qs

import gate
import hostile


def application(environ, start_response):
    path = environ["PATH_INFO"]
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    port = query.get("port")
    if path == "/exit":
        os._exit(int(query["status"]))
    elif path == "/segfault":
        ctypes.string_at(0)
    elif path == "/abort":
        os.abort()
    elif path == "/wait":
        gate.wait(port, "waiting", str(os.getpid()))
    elif path == "/partial":
        return _partial(port, query.get("length"), start_response)
    elif path == "/read":
        gate.signal(port, "reading", str(os.getpid()))
        environ["wsgi.input"].read()
    elif path == "/sleep":
        gate.signal(port, "sleeping", str(os.getpid()))
        time.sleep(3600)
    elif path == "/spin":
        gate.signal(port, "spinning", str(os.getpid()))
        while True:
            pass
    elif path == "/terminate":
        os.kill(os.getpid(), signal.SIGTERM)
    elif path == "/garbage":
        hostile.write(bytes.fromhex(query["data"]))
        time.sleep(3600)
    elif path == "/closed":
        os.closerange(3, 256)
    elif path == "/fork":
        FORKS[query["how"]](port)
    elif path == "/descriptors":
        listing = subprocess.run(["ls", "-l", "/proc/self/fd"], close_fds=False, stdout=subprocess.PIPE, check=True).stdout
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [listing]
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def _partial(port, length, start_response):
    headers = [("Content-Type", "text/plain")]
    if length:
        headers.append(("Content-Length", length))
    start_response("200 OK", headers)
    yield b"part"
    gate.wait(port, "waiting", str(os.getpid()))
    yield b"rest"


def _exit_at_once(port):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _multiprocessing(port):
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=queue.put, args=("from the child",))
    process.start()
    assert queue.get() == "from the child"
    process.join()
    assert process.exitcode == 0


def _leave_by_exception(port):
    """The child raises SystemExit as os.fork() users often do, and so unwinds into the server."""
    child = os.fork()
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)


def _return_in_both(port):
    """The child goes on to answer the request, too."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)


def _outlive(port):
    """The child stays, and would keep open whatever it inherited."""
    child = os.fork()
    if child == 0:
        gate.wait(port, "child", str(os.getpid()))
        os._exit(0)


def _thread(port):
    """A thread of the application forks."""
    thread = threading.Thread(target=_exit_at_once, args=(port,))
    thread.start()
    thread.join()


FORKS = {
    "exit": _exit_at_once,
    "multiprocessing": _multiprocessing,
    "exception": _leave_by_exception,
    "both": _return_in_both,
    "outlive": _outlive,
    "thread": _thread,
}
