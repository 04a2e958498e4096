"""Reads the body, and answers with as many bytes as the query says: ``?size=N``; five without it."""

from urllib.parse import parse_qs


def application(environ, start_response):
    environ["wsgi.input"].read()
    size = int(parse_qs(environ.get("QUERY_STRING", "")).get("size", ["5"])[0])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(size))])
    return [b"x" * size]
