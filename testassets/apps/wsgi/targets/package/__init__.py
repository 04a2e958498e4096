from .inner import answer


def application(environ, start_response):
    return answer(start_response, b"package")
