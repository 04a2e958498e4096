"""What live.py does for its event streams, as one writes it with Tornado."""

import asyncio

from tornado import web
from tornado.iostream import StreamClosedError

_streams = set()


class Home(web.RequestHandler):
    def get(self):
        self.write("Hello, World!")


class Events(web.RequestHandler):
    async def get(self):
        self.set_header("Content-Type", "text/event-stream")
        self.write(": hello\n\n")
        await self.flush()
        self.left = asyncio.Event()
        _streams.add(self)
        await self.left.wait()

    def on_connection_close(self):
        _streams.discard(self)
        self.left.set()


class Broadcast(web.RequestHandler):
    def post(self):
        for stream in list(_streams):
            stream.write(b"data: " + self.request.body + b"\n\n")
            try:
                stream.flush()
            except StreamClosedError:
                _streams.discard(stream)
        self.write(str(len(_streams)))


application = web.Application([("/", Home), ("/events", Events), ("/broadcast", Broadcast)])
