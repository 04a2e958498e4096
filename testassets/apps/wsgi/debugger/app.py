"""An application that fails in several ways, within the debugger."""

import json

from darter.debugger import Debugger


class ShopError(Exception):
    """A type of its own, so that its module is shown."""


def price_of(shop, item):
    prices = {"green tea": 4.5, "black tea": 3.75}
    currency = "EUR"
    # The price list may be of another year.
    return {"item": item, "price": prices[item], "currency": currency, "shop": shop["name"]}


def chained(environ):
    shop = {"name": "Teahouse", "open": True, "api_key": "hunter2", "shelves": [list(range(3))] * 2}
    try:
        return price_of(shop, "oolong")
    except KeyError as error:
        raise ShopError("there is no price for {!r} in {}".format("oolong", shop["name"])) from error


def library(environ):
    settings = "{\"a\": 1,}"
    return json.loads(settings)


def late(environ):
    raise ValueError("<b>too late</b>\nand in a second line")


def long_line(environ):
    text = "a line that is much wider than a phone: " + "tea " * 40 + "0123456789" * 20; raise ValueError(text)


def group(environ):
    errors = []
    for item in ("green tea", "oolong", "mate"):
        try:
            price_of({"name": "Teahouse"}, item)
        except KeyError as error:
            errors.append(error)
    raise ExceptionGroup("some prices are missing", errors)  # noqa: F821 (Python 3.11)


VIEWS = {"/chained": chained, "/library": library, "/late": late, "/long": long_line, "/group": group}


def inner(environ, start_response):
    view = VIEWS.get(environ["PATH_INFO"])
    if view is None:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]
    if view is late:
        return stream(environ, start_response)
    return [json.dumps(view(environ)).encode()]


def stream(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"begun"
    late(environ)


app = Debugger(pin="123-456-789").wsgi(inner)
