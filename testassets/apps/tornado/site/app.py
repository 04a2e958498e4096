"""A site: sign-in by a form, a chat by long polls and by WebSockets, uploads. One worker, since the messages are in its memory."""

import asyncio
import os

from tornado import locks, web
from tornado.websocket import WebSocketHandler

messages = []
arrived = locks.Condition()
sockets = set()
uploads = {}


def publish(author, text):
    messages.append({"id": len(messages) + 1, "author": author, "text": text})
    arrived.notify_all()
    for socket in sockets:
        socket.write_message(messages[-1])


class Page(web.RequestHandler):
    def get_current_user(self):
        name = self.get_secure_cookie("user")
        return name and name.decode()


class SignIn(Page):
    def get(self):
        self.render("sign_in.html", problem="")

    def post(self):
        name = self.get_body_argument("name")
        if not name:
            self.set_status(422)
            self.render("sign_in.html", problem="A name is needed.")
            return
        self.set_secure_cookie("user", name)
        self.redirect(self.get_query_argument("next", "/"))


class SignOut(Page):
    def post(self):
        self.clear_cookie("user")
        self.redirect("/sign-in")


class Room(Page):
    @web.authenticated
    def get(self):
        self.render("room.html", by=self.get_query_argument("by", "poll"), uploads=uploads)


class Messages(Page):
    """Those after the last one that the client has; waits for one if there is none."""

    waiting = None

    @web.authenticated
    async def get(self):
        last = int(self.get_query_argument("last"))
        while len(messages) <= last:
            self.waiting = asyncio.ensure_future(arrived.wait())
            try:
                await self.waiting
            except asyncio.CancelledError:
                return
        self.write({"messages": messages[last:]})

    @web.authenticated
    def post(self):
        publish(self.current_user, self.get_body_argument("text"))
        self.set_status(204)

    def on_connection_close(self):
        if self.waiting is not None:
            self.waiting.cancel()


class Socket(Page, WebSocketHandler):
    @web.authenticated
    async def get(self):
        await super().get()

    def open(self):
        sockets.add(self)
        for message in messages:
            self.write_message(message)

    def on_message(self, message):
        publish(self.current_user, message)

    def on_close(self):
        sockets.discard(self)


class Upload(Page):
    @web.authenticated
    def post(self):
        for file in self.request.files["files"]:
            uploads[file.filename] = file.body
        self.redirect("/?by=" + self.get_body_argument("by"))


class Uploaded(Page):
    @web.authenticated
    def get(self, name):
        if name not in uploads:
            raise web.HTTPError(404)
        self.set_header("Content-Type", "application/octet-stream")
        self.write(uploads[name])


def make_app():
    here = os.path.dirname(__file__)
    return web.Application(
        [
            ("/", Room),
            ("/sign-in", SignIn),
            ("/sign-out", SignOut),
            ("/messages", Messages),
            ("/socket", Socket),
            ("/upload", Upload),
            ("/uploads/(.+)", Uploaded),
        ],
        template_path=os.path.join(here, "templates"),
        static_path=os.path.join(here, "static"),
        login_url="/sign-in",
        cookie_secret="a secret",
        xsrf_cookies=True,
    )
