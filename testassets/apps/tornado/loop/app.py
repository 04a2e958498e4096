"""What Tornado's applications do with the IOLoop, and with their process."""

import asyncio
import os

from tornado import process, web
from tornado.ioloop import IOLoop, PeriodicCallback

ticks = []
ticking = PeriodicCallback(lambda: ticks.append(1), 1)
if "TICKS" in os.environ:
    # On the loop that is there while the module is imported.
    ticking.start()


class Ticks(web.RequestHandler):
    async def get(self):
        seen = len(ticks)
        while len(ticks) < seen + 2:
            await IOLoop.current().run_in_executor(None, os.getpid)
        self.write("ticking")


class Process(web.RequestHandler):
    def get(self):
        self.write({"pid": os.getpid(), "task": process.task_id()})


class Stop(web.RequestHandler):
    def get(self):
        IOLoop.current().add_callback(IOLoop.current().stop)
        self.write("stopping")


async def factory():
    ticking.start()
    await asyncio.sleep(0)
    return make_app()


def make_app():
    return web.Application([("/ticks", Ticks), ("/process", Process), ("/stop", Stop)], debug="DEBUG" in os.environ)
