"""Tornado application of the benchmarks: ``/`` hello, ``/ws`` messages back."""

from tornado import web
from tornado.websocket import WebSocketHandler


class Hello(web.RequestHandler):
    def get(self):
        self.write("Hello, world!")


class Echo(WebSocketHandler):
    def on_message(self, message):
        return self.write_message(message, binary=isinstance(message, bytes))


application = web.Application([("/", Hello), ("/ws", Echo)])
