"""Serves MODULE:application with Cheroot: ``cheroot_server.py MODULE PORT``. Its default of 10 threads."""

import importlib
import sys

from cheroot.wsgi import Server

server = Server(
    ("127.0.0.1", int(sys.argv[2])), importlib.import_module(sys.argv[1]).application, request_queue_size=1024
)
server.start()
