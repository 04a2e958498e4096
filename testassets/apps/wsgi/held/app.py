"""Has the front hold connections: /stream?CHANNEL is a stream of events, /poll?CHANNEL&ID waits for what follows ID."""


def application(environ, start_response):
    channel, _, previous = environ["QUERY_STRING"].partition("&")
    if environ["PATH_INFO"] == "/stream":
        hold, kind, body = "stream", "text/event-stream", b": held\n\n"
    else:
        hold, kind, body = "response", "text/plain", b"nothing"
        if previous:
            channel += "; prev-id=" + previous
    start_response("200 OK", [("Content-Type", kind), ("Grip-Hold", hold), ("Grip-Channel", channel)])
    return [body]
