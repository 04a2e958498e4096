"""Has the name of a module of the standard library."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"shadow"]
