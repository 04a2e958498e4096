"""Many ways to have an application."""

import functools
import types

from answer import answer

application = answer("shop application")
app = answer("never: application comes first")
other = answer("shop other")
site = types.SimpleNamespace(wsgi=types.SimpleNamespace(entry=answer("shop site.wsgi.entry"), make=lambda: answer("shop made")))
partial = functools.partial(lambda text, environ, start_response: answer(text)(environ, start_response), "shop partial")


class Iterable:
    """The class is the application (PEP 3333, "The Application/Framework Side")."""

    def __init__(self, environ, start_response):
        self.start = start_response

    def __iter__(self):
        self.start("200 OK", [("Content-Type", "text/plain")])
        yield b"shop class"


class Instance:
    def __call__(self, environ, start_response):
        return answer("shop instance")(environ, start_response)

    def method(self, environ, start_response):
        return answer("shop method")(environ, start_response)


instance = Instance()


def create(name="nobody", *, debug=False, options=None):
    return answer("shop create {} {} {}".format(name, debug, options))


if __name__ == "__main__":
    raise SystemExit("run as a script")
