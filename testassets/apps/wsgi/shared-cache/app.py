"""Counts its requests in the cache that all workers share, in several threads at a time."""

import os
import threading

from darter import cache

THREADS = 4
TIMES = 25


def application(environ, start_response):
    """/count counts by 100 from several threads; anything else tells what was counted, and which process has answered."""
    if environ["PATH_INFO"] == "/count":
        threads = [threading.Thread(target=count) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    body = "{} {}".format(cache.get("count", 0), os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def count():
    for _ in range(TIMES):
        cache.incr("count", initial=1)
