"""Serves MODULE:application with Tornado's own server: ``tornado_server.py MODULE PORT WORKERS [uvloop]``.

As its documentation has it for several processes: one listening socket, and processes forked before there is a loop.
"""

import asyncio
import importlib
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.process import fork_processes

module, port, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if "uvloop" in sys.argv[4:]:
    import uvloop

    uvloop.install()
sockets = bind_sockets(port, "127.0.0.1", backlog=1024)
if workers > 1:
    fork_processes(workers)


async def main():
    server = HTTPServer(importlib.import_module(module).application)
    server.add_sockets(sockets)
    await asyncio.Event().wait()


asyncio.run(main())
