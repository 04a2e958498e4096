"""An application wrapped in wsgiref.validate: it checks that the server keeps to PEP 3333."""

from wsgiref.validate import validator


def _application(environ, start_response):
    stream = environ["wsgi.input"]
    path = environ["PATH_INFO"]
    if path == "/lines":
        body = b"".join([stream.readline(), stream.readline(5)] + stream.readlines() + list(stream))
    else:
        body = b""
        while True:
            piece = stream.read(7)
            if not piece:
                break
            body += piece
    environ["wsgi.errors"].write("validated\n")
    environ["wsgi.errors"].flush()
    body = body or b"nothing"
    headers = [("Content-Type", "text/plain"), ("X-Method", environ["REQUEST_METHOD"])]
    if path == "/write":
        start_response("200 OK", headers)(body)
        return []
    if path == "/pieces":
        start_response("200 OK", headers)
        return [body[:3], body[3:]]
    start_response("200 OK", headers + [("Content-Length", str(len(body)))])
    return [body]


application = validator(_application)
