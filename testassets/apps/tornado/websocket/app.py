"""One behaviour of Tornado's WebSocket handlers per path."""

import asyncio
import json

import gate
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler


class Socket(WebSocketHandler):
    """Echoes, and reports its end if it is told where."""

    def on_message(self, message):
        return self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self):
        port = self.get_argument("port", None)
        if port:
            gate.signal(port, "left", json.dumps([self.close_code, self.close_reason]))


class Chosen(Socket):
    def prepare(self):
        self.set_header("X-Own", "yes")

    def select_subprotocol(self, subprotocols):
        return "second" if "second" in subprotocols else None

    def open(self):
        self.write_message(json.dumps([self.selected_subprotocol, self.request.protocol, self.request.remote_ip]))


class Anywhere(Socket):
    def check_origin(self, origin):
        return True


class Private(Socket):
    def get_current_user(self):
        return None

    @web.authenticated
    async def get(self):
        await super().get()


class Closing(Socket):
    """Closes as it is told."""

    def on_message(self, message):
        self.close(*json.loads(message))


class Failing(Socket):
    async def on_message(self, message):
        await asyncio.sleep(0)
        raise ValueError("it is meant to fail")


class Slow(Socket):
    """Takes the first message, and the next when it is told."""

    async def on_message(self, message):
        await gate.wait_async(self.get_argument("port"), "message", str(len(message)))


class Flood(Socket):
    """Writes until it is told to wait, which it reports."""

    async def open(self):
        told = False
        for number in range(int(self.get_argument("count"))):
            future = self.write_message(b"x" * 65536, binary=True)
            if not future.done() and not told:
                told = True
                gate.signal(self.get_argument("port"), "blocked", str((number + 1) * 65536))
            await future
        self.write_message("done")


class Pinging(Socket):
    def on_message(self, message):
        self.ping(message)

    def on_pong(self, data):
        self.write_message("pong " + data.decode())


class Pinged(Socket):
    """Says what it is pinged with, and waits with the first if it is told to."""

    port = None

    async def open(self):
        self.port = self.get_argument("port", None)

    async def on_ping(self, data):
        port, self.port = self.port, None
        if port:
            await gate.wait_async(port, "ping")
        self.write_message("ping " + data.decode())


class Late(Socket):
    """Writes to a client that has left."""

    async def on_message(self, message):
        port = self.get_argument("port")
        await gate.wait_async(port, "message")
        try:
            while True:
                await self.write_message(b"x" * 65536, binary=True)
        except WebSocketClosedError as error:
            gate.signal(port, "written", type(error).__name__)


class Small(Socket):
    max_message_size = 10


def make_app():
    return web.Application(
        [
            ("/echo", Socket),
            ("/chosen", Chosen),
            ("/anywhere", Anywhere),
            ("/private", Private),
            ("/closing", Closing),
            ("/failing", Failing),
            ("/slow", Slow),
            ("/flood", Flood),
            ("/pinging", Pinging),
            ("/pinged", Pinged),
            ("/late", Late),
            ("/small", Small),
        ],
        login_url="/login",
    )
