"""Serves MODULE:application with Waitress: ``waitress_server.py MODULE PORT``.

The default number of threads (4). The connection limit is above the benchmark's connections, and the warning about
every queued task is off: it would be a log line per request.
"""

import importlib
import logging
import sys

import waitress

logging.getLogger("waitress.queue").setLevel(logging.ERROR)
waitress.serve(
    importlib.import_module(sys.argv[1]).application,
    host="127.0.0.1",
    port=int(sys.argv[2]),
    connection_limit=4096,
)
