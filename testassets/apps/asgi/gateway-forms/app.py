"""The forms that applications have."""

import asyncio
import functools


async def function(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"asgi"})


class Instance:
    async def __call__(self, scope, receive, send):
        await function(scope, receive, send)


class SyncInstance:
    """Returns the coroutine of another application."""

    def __call__(self, scope, receive, send):
        return function(scope, receive, send)


class AwaitableClass:
    def __init__(self, scope, receive, send):
        self.arguments = scope, receive, send

    def __await__(self):
        return function(*self.arguments).__await__()


class DoubleClass:
    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        await function(self.scope, receive, send)


def double_function(scope):
    async def inner(receive, send):
        await function(scope, receive, send)

    return inner


def plain_function(scope, receive, send):
    return function(scope, receive, send)


def future_function(scope, receive, send):
    return asyncio.ensure_future(function(scope, receive, send))


def decorated(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


class Holder:
    async def method(self, scope, receive, send):
        await function(scope, receive, send)

    @staticmethod
    async def static(scope, receive, send):
        await function(scope, receive, send)


async def with_extra(extra, scope, receive, send):
    await function(scope, receive, send)


instance = Instance()
sync_instance = SyncInstance()
awaitable_class = AwaitableClass
double_class = DoubleClass
decorated_function = decorated(function)
decorated_plain = decorated(plain_function)
method = Holder().method
static = Holder.static
partial = functools.partial(with_extra, "extra")


def raises_when_called(scope, receive, send):
    raise ValueError("raised when called")


def returns_nothing(scope, receive, send):
    return None


def wsgi_function(environ, start_response):
    start_response("200 OK", [])
    return [b"wsgi"]


class WsgiInstance:
    def __call__(self, environ, start_response):
        return wsgi_function(environ, start_response)


class WsgiClass:
    def __init__(self, environ, start_response):
        self.start = start_response

    def __iter__(self):
        self.start("200 OK", [])
        yield b"wsgi"


def wsgi_anything(*arguments):
    return wsgi_function(*arguments)


def wsgi_default(environ, start_response, exc_info=None):
    return wsgi_function(environ, start_response)


wsgi_instance = WsgiInstance()
wsgi_class = WsgiClass
wsgi_decorated = decorated(wsgi_function)
