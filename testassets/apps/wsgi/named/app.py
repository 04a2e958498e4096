"""Answers that the front completes.

/file     names a file: the query is the header field, "X-Sendfile=/srv/a.txt"; Content-Length is 12, which the body is not,
          as Flask says the length of the file
/page     a page that can be compressed
"""

from urllib.parse import parse_qsl

PAGE = b"".join(b"<li>Item %d of the list</li>\n" % number for number in range(2000))


def app(environ, start_response):
    if environ["PATH_INFO"] == "/page":
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE))), ("ETag", '"page"')])
        return [PAGE]

    fields = parse_qsl(environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12"), ("Set-Cookie", "a=1"), *fields])
    return []
