"""Waits, watches and reports: for tests of the channel and of the process."""

import gc
import os
import signal
import sys
import threading
import time

STARTED = []
CLOSED = []


def ok(start_response):
    return start_response("200 OK", [("Content-Type", "text/plain")])


def hello(environ, start_response):
    ok(start_response)
    return [b"hello"]


def mark(environ, start_response):
    STARTED.append(environ["QUERY_STRING"])
    ok(start_response)
    return [b"marked"]


def started(environ, start_response):
    ok(start_response)
    return [",".join(STARTED).encode()]


def wait(environ, start_response):
    """Waits until the file that the query names exists."""
    STARTED.append("wait")
    while not os.path.exists(environ["QUERY_STRING"]):
        time.sleep(0.001)
    ok(start_response)
    return [b"waited"]


def wait_disconnected(environ, start_response):
    while not environ["darter.client_disconnected"]():
        time.sleep(0.001)
    ok(start_response)
    return [b"gone"]


class Endless:
    def __init__(self, pause):
        self.pause = pause
        self.count = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.pause and self.count:
            time.sleep(0.001)
        self.count += 1
        return b"x" * 10000

    def close(self):
        CLOSED.append("endless")


def endless(environ, start_response):
    ok(start_response)
    return Endless(environ["QUERY_STRING"] == "pause")


def endless_write(environ, start_response):
    write = ok(start_response)
    try:
        while True:
            write(b"x" * 10000)
    except ConnectionError as error:
        CLOSED.append(type(error).__name__)
        raise


def read_all(environ, start_response):
    try:
        body = environ["wsgi.input"].read()
    except ConnectionError as error:
        CLOSED.append(type(error).__name__)
        raise
    ok(start_response)
    return [str(len(body)).encode()]


def read_some(environ, start_response):
    """Reads as many bytes as the query says, then waits for the client to go."""
    length = len(environ["wsgi.input"].read(int(environ["QUERY_STRING"])))
    ok(start_response)
    return [str(length).encode()]


def closed(environ, start_response):
    result = ",".join(CLOSED).encode()
    del CLOSED[:]
    ok(start_response)
    return [result]


def slow(environ, start_response):
    time.sleep(0.2)
    ok(start_response)
    return [b"slow"]


BARRIER = threading.Barrier(2)


def meet(environ, start_response):
    """Answers when two requests are here at a time."""
    BARRIER.wait(15)
    ok(start_response)
    return [threading.current_thread().name.encode()]


def concurrent(environ, start_response):
    """Uses the request in two threads until one finds the other waiting; then makes the file that the query names."""
    write = ok(start_response)

    def fill():
        try:
            while True:
                write(b"x" * 10000)
        except ConnectionError:
            pass

    thread = threading.Thread(target=fill)
    thread.start()
    while True:
        time.sleep(0.001)
        try:
            environ["wsgi.early_hints"]([])
        except RuntimeError as error:
            if "another thread" in str(error):
                CLOSED.append(str(error))
                open(environ["QUERY_STRING"], "w").close()
                break
    thread.join()
    return []


def fork(environ, start_response):
    child = os.fork()
    if child == 0:
        ok(start_response)
        return [b"from the child"]
    _, status = os.waitpid(child, 0)
    ok(start_response)
    return [str(status).encode()]


def fork_and_stay(environ, start_response):
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    ok(start_response)
    return [str(child).encode()]


def handler(environ, start_response):
    """Installs a handler that raises, for the next wait."""

    def raises(number, frame):
        raise RuntimeError("raised by a handler")

    signal.signal(signal.SIGUSR1, raises)
    ok(start_response)
    return [str(os.getpid()).encode()]


def descriptors():
    return [int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)]


def names_channel(fd):
    return "memfd:page" in os.readlink("/proc/self/fd/{}".format(fd))


def process(environ, start_response):
    import darter

    ok(start_response)
    facts = [
        os.environ.get("DARTER_WORKER", "absent"),
        os.getcwd() == sys.path[0],
        any(entry.endswith(os.path.join("python", "darter")) for entry in sys.path),
        os.path.dirname(os.path.dirname(os.path.abspath(darter.__file__))) not in sys.path,
        signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        not any(os.get_inheritable(fd) for fd in descriptors() if names_channel(fd)),
        sys.modules["app"].__name__,
    ]
    return [repr(facts).encode()]


def at_exit(environ, start_response):
    import atexit

    atexit.register(lambda: os.write(2, b"atexit ran\n"))
    ok(start_response)
    return [b"ok"]


def counters(environ, start_response):
    """What must not grow: objects, blocks, and references to what every request uses."""
    gc.collect()
    names = {
        "objects": len(gc.get_objects()),
        "blocks": sys.getallocatedblocks(),
        "None": sys.getrefcount(None),
        "empty tuple": sys.getrefcount(()),
        "True": sys.getrefcount(True),
        "False": sys.getrefcount(False),
        "empty str": sys.getrefcount(""),
        "REQUEST_METHOD": sys.getrefcount("REQUEST_METHOD"),
        "PATH_INFO": sys.getrefcount("PATH_INFO"),
        "wsgi.input": sys.getrefcount("wsgi.input"),
        "HTTP_HOST": sys.getrefcount("HTTP_HOST"),
        "app": sys.getrefcount(app),
        "stderr": sys.getrefcount(sys.stderr),
        "input": sys.getrefcount(type(environ["wsgi.input"])),
        "wrapper": sys.getrefcount(environ["wsgi.file_wrapper"]),
    }
    ok(start_response)
    return ["\n".join("{}={}".format(*item) for item in names.items()).encode()]


def memory(environ, start_response):
    with open("/proc/self/status") as status:
        lines = [line for line in status if line.startswith("VmRSS")]
    ok(start_response)
    return [lines[0].split()[1].encode()]


def app(environ, start_response):
    return globals()[environ["PATH_INFO"][1:]](environ, start_response)
