"""Applications under many names; each answers with the name it was reached by."""

import sibling


def _named(name):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return ["{} {}".format(name, sibling.NAME).encode()]

    return application


class Application:
    """An application that is an object."""

    def __call__(self, environ, start_response):
        return _named("object")(environ, start_response)

    def method(self, environ, start_response):
        return _named("method")(environ, start_response)


class EachRequest:
    """An application that is a class: called for each request, and iterated."""

    def __init__(self, environ, start_response):
        self.start = start_response

    def __iter__(self):
        self.start("200 OK", [("Content-Type", "text/plain")])
        yield "class {}".format(sibling.NAME).encode()


application = _named("application")
other = _named("other")
instance = Application()


def make():
    return _named("make()")


def make_named(name, suffix=""):
    return _named("make_named({}{})".format(name, suffix))
