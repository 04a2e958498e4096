def answer(start_response, body):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]
