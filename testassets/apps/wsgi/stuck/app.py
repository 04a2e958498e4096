"""Views that take too long in every way, and some that do not.

/spin /sleep /native /lock /deaf   never end: in Python code, in a system call, in C code that keeps the GIL, in a lock that is
                                   never released, in a loop that catches everything; with ?port=P they say at the gate that they run
/partial                           sends a piece and never the rest
/wait?port=P&name=N                waits at the gate, then answers
/after?port=P                      waits at the gate; answers whether the client was gone by then
/upload?port=P                     the same, having read the beginning of the body
/watch?port=P                      waits until the client is gone, then says so at the gate
/grow?mib=N                        takes this much memory and keeps it
/die?port=P                        says which process it is at the gate, then ends its process; with &once=FILE, only the first time
/work?ms=N                         takes its time
/started                           answers with the targets of all requests so far

Everything else answers with the process id. Every target is noted before it is run.
"""

import ctypes
import os
import threading
import time
from urllib.parse import parse_qs

import gate

STARTED = []
MEMORY = []
LOCK = threading.Lock()
LOCK.acquire()


def never_ends(path):
    if path == "/spin":
        while True:
            pass
    elif path == "/sleep":
        time.sleep(3600)
    elif path == "/native":
        # PyDLL keeps the GIL. A signal interrupts it, so it is called again and again.
        sleep = ctypes.PyDLL(None).sleep
        while True:
            sleep(3600)
    elif path == "/lock":
        LOCK.acquire()
    elif path == "/deaf":
        while True:
            try:
                time.sleep(3600)
            except BaseException:
                pass


def application(environ, start_response):
    path = environ["PATH_INFO"]
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    port = query.get("port")
    gone = environ["darter.client_disconnected"]
    text = str(os.getpid())
    if path == "/started":
        text = "\n".join(STARTED)
    else:
        STARTED.append(environ["RAW_URI"])
    if path in ("/spin", "/sleep", "/native", "/lock", "/deaf"):
        if port:
            gate.signal(port, "running")
        never_ends(path)
    elif path == "/partial":
        return partial(start_response)
    elif path == "/wait":
        gate.wait(port, query.get("name", "waiting"), str(os.getpid()))
    elif path == "/after":
        gate.wait(port, "waiting", str(gone()))
        text = str(gone())
    elif path == "/upload":
        environ["wsgi.input"].read(10)
        gate.wait(port, "waiting", str(gone()))
        # The front is told by the part of it that reads the upload, and that is not the loop of the pool.
        deadline = time.monotonic() + 20
        while not gone() and time.monotonic() < deadline:
            time.sleep(0.001)
        gate.signal(port, "then", str(gone()))
    elif path == "/watch":
        gate.signal(port, "waiting", str(gone()))
        while not gone():
            time.sleep(0.001)
        gate.signal(port, "gone")
    elif path == "/grow":
        MEMORY.append(bytearray(os.urandom(1024) * 1024 * int(query["mib"])))
    elif path == "/die":
        once = query.get("once")
        if once is None or not os.path.exists(once):
            if once is not None:
                open(once, "w").close()
            gate.signal(port, "dying", str(os.getpid()))
            os._exit(9)
    elif path == "/work":
        time.sleep(int(query["ms"]) / 1000)
    body = text.encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def partial(start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"part"
    time.sleep(3600)
