"""Serves MODULE:application with bjoern: ``bjoern_server.py MODULE PORT WORKERS``.

Each worker has its own listening socket on the same port (SO_REUSEPORT), as bjoern's documentation does it. This
process is one of the workers, so that no idle parent counts as the server's memory.
"""

import importlib
import os
import sys

import bjoern

module, port, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
application = importlib.import_module(module).application
for _ in range(workers - 1):
    if os.fork() == 0:
        break
bjoern.run(application, "127.0.0.1", port, reuse_port=True)
