"""One behaviour of Tornado's request handlers per path."""

import asyncio
import hashlib
import os
import tempfile
import time

import gate
from tornado import httputil, web, wsgi
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.routing import PathMatches, Rule, RuleRouter

FILES = tempfile.mkdtemp()
with open(os.path.join(FILES, "digits.txt"), "w") as file:
    file.write("0123456789")


class Hello(web.RequestHandler):
    def get(self):
        self.write("hello")

    head = get


class Later(web.RequestHandler):
    """Asynchronous, and in another thread."""

    async def get(self):
        await asyncio.sleep(0)
        found = await IOLoop.current().run_in_executor(None, lambda: "from a thread")
        assert IOLoop.current().asyncio_loop is asyncio.get_running_loop()
        self.write(found)


class Pieces(web.RequestHandler):
    async def get(self):
        port = self.get_argument("port")
        for number in range(3):
            self.write("piece {}\n".format(number))
            await self.flush()
            await gate.wait_async(port, "sent")


class Flood(web.RequestHandler):
    """Writes until it is told to wait, which it reports."""

    async def get(self):
        port = self.get_argument("port")
        count = int(self.get_argument("count"))
        told = False
        for number in range(count):
            self.write(b"x" * 65536)
            future = self.flush()
            if not future.done() and not told:
                told = True
                gate.signal(port, "blocked", str((number + 1) * 65536))
            await future


@web.stream_request_body
class Upload(web.RequestHandler):
    """Takes a body piece by piece, the first not before it is allowed to."""

    async def prepare(self):
        self.request.connection.set_max_body_size(int(self.get_argument("most", str(1 << 40))))
        self.sum = hashlib.sha256()
        self.size = 0
        self.port = self.get_argument("port", None)

    async def data_received(self, chunk):
        if self.port and not self.size:
            await gate.wait_async(self.port, "data")
        self.size += len(chunk)
        self.sum.update(chunk)

    def post(self):
        self.write("{} {}".format(self.size, self.sum.hexdigest()))

    def on_connection_close(self):
        super().on_connection_close()
        if self.port:
            gate.signal(self.port, "left", str(self.size))


class Early(Upload):
    """Answers before it has the body."""

    async def prepare(self):
        self.port = None
        raise web.HTTPError(403, reason="Not For You")


class Form(web.RequestHandler):
    def post(self):
        files = {name: [(one["filename"], len(one["body"])) for one in found] for name, found in self.request.files.items()}
        self.write({"a": self.get_body_arguments("a"), "q": self.get_query_arguments("q"), "files": files})


class Waiting(web.RequestHandler):
    """A long poll: reports how it ends."""

    async def get(self):
        port = self.get_argument("port")
        self.left = asyncio.Event()
        gate.signal(port, "waiting")
        await self.left.wait()
        try:
            self.write("too late")
            await self.finish()
        except StreamClosedError as error:
            gate.signal(port, "ended", type(error).__name__)
        else:
            gate.signal(port, "ended", "answered")

    def on_connection_close(self):
        assert self.request.connection.stream.closed()
        self.left.set()

    def on_finish(self):
        gate.signal(self.get_argument("port"), "finished")


class Stuck(web.RequestHandler):
    async def get(self):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            gate.signal(self.get_argument("port"), "cancelled")
            raise


class Failing(web.RequestHandler):
    def get(self):
        raise ValueError("it is meant to fail")


class FailingLate(web.RequestHandler):
    async def get(self):
        self.set_header("Content-Length", "100")
        self.write("a part")
        await self.flush()
        raise ValueError("it is meant to fail amid the body")


class Short(web.RequestHandler):
    """Says that there is more than there is."""

    def get(self):
        self.set_header("Content-Length", "100")
        self.write("short")


class Reason(web.RequestHandler):
    def get(self):
        self.set_status(int(self.get_argument("status")), self.get_argument("reason"))


class Cookie(web.RequestHandler):
    def get(self):
        self.write(self.get_secure_cookie("user") or b"nobody")

    def post(self):
        self.set_secure_cookie("user", self.get_argument("user"))


class Token(web.RequestHandler):
    def get(self):
        self.write(self.xsrf_token)

    def post(self):
        self.write("accepted")


class Text(web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain")
        self.write("text " * 1000)


class Redirect(web.RequestHandler):
    def get(self):
        self.redirect("/hello", permanent=True)


class Request(web.RequestHandler):
    def get(self):
        request = self.request
        self.write(
            {
                "method": request.method,
                "uri": request.uri,
                "version": request.version,
                "protocol": request.protocol,
                "host": request.host,
                "remote_ip": request.remote_ip,
                "context": request.connection.context.remote_ip,
                "fields": list(request.headers.get_all()),
                "late": time.time() - request._start_time > 3600,
            }
        )


class Last(web.RequestHandler):
    def get(self):
        self.request.connection.no_keep_alive = True
        self.write("the last one")


class Detached(web.RequestHandler):
    def get(self):
        self.detach()


def wsgi_application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"WSGI ", environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read()]


class Raw(httputil.HTTPServerConnectionDelegate):
    """Neither an application nor a router."""

    def start_request(self, server_conn, request_conn):
        class Message(httputil.HTTPMessageDelegate):
            def finish(self):
                fields = httputil.HTTPHeaders({"Content-Length": "3"})
                request_conn.write_headers(httputil.ResponseStartLine("HTTP/1.1", 200, "OK"), fields, b"raw")
                request_conn.finish()

        return Message()


app = web.Application(
    [
        ("/hello", Hello),
        ("/later", Later),
        ("/pieces", Pieces),
        ("/flood", Flood),
        ("/upload", Upload),
        ("/early", Early),
        ("/form", Form),
        ("/waiting", Waiting),
        ("/stuck", Stuck),
        ("/failing", Failing),
        ("/failing_late", FailingLate),
        ("/short", Short),
        ("/reason", Reason),
        ("/cookie", Cookie),
        ("/text", Text),
        ("/redirect", Redirect),
        ("/request.*", Request),
        ("/last", Last),
        ("/detached", Detached),
        (r"/files/(.*)", web.StaticFileHandler, {"path": FILES}),
        ("/wsgi.*", web.FallbackHandler, {"fallback": wsgi.WSGIContainer(wsgi_application)}),
    ],
    cookie_secret="a secret",
    compress_response=True,
)
guarded = web.Application([("/token", Token)], xsrf_cookies=True, cookie_secret="a secret")
container = wsgi.WSGIContainer(wsgi_application)
raw = Raw()
router = RuleRouter([Rule(PathMatches("/raw"), raw), Rule(PathMatches("/.*"), app)])


server = HTTPServer(app, decompress_request=True, max_body_size=100_000, xheaders=True)


def make_app():
    return app
