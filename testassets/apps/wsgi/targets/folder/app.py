import os


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return ["folder {}".format(os.path.basename(os.path.dirname(os.path.abspath(__file__)))).encode()]
