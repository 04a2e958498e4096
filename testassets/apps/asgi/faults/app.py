"""Applications that break the rules, one way per path."""

START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"hello"}


def start(**more):
    return dict(START, **more)


def with_field(name, value):
    return [start(headers=[(name, value)]), BODY]


def with_length(length, *pieces):
    messages = [start(headers=[(b"content-length", str(length).encode())])]
    return messages + [{"type": "http.response.body", "body": piece, "more_body": piece is not pieces[-1]} for piece in pieces]


#: What is sent, by name.
MESSAGES = {
    "hello": [START, BODY],
    "returns": [],
    "returns_after_start": [START],
    "returns_amid_body": [START, dict(BODY, more_body=True)],
    "unknown_type": [{"type": "http.response.nothing"}],
    "unknown_type_amid_body": [START, dict(BODY, more_body=True), {"type": "http.response.nothing"}],
    "websocket_type": [{"type": "websocket.accept"}],
    "not_a_dict": [["http.response.start"]],
    "no_type": [{"status": 200}],
    "body_first": [BODY],
    "start_twice": [START, START],
    "start_amid_body": [START, dict(BODY, more_body=True), START],
    "body_after_end": [START, BODY, BODY],
    "start_after_end": [START, BODY, START],
    "status_missing": [{"type": "http.response.start"}],
    "status_text": [start(status="200")],
    "status_1xx": [start(status=100)],
    "body_text": [START, {"type": "http.response.body", "body": "text"}],
    "name_text": with_field("x-name", b"value"),
    "name_space": with_field(b"x name", b"value"),
    "name_crlf": with_field(b"x-name\r\nx-other", b"value"),
    "value_text": with_field(b"x-name", "value"),
    "value_cr": with_field(b"x-name", b"a\rb"),
    "value_lf": with_field(b"x-name", b"a\nset-cookie: a=b"),
    "value_crlf": with_field(b"x-name", b"a\r\n\r\n<html>"),
    "value_nul": with_field(b"x-name", b"a\0b"),
    "length_text": with_field(b"content-length", b"many"),
    "too_long": with_length(3, b"hello"),
    "too_long_pieces": with_length(5, b"hel", b"lo, and more"),
    "too_short": with_length(10, b"hello"),
    "too_short_pieces": with_length(10, b"hel", b"lo"),
    "trailers_unannounced": [START, BODY, {"type": "http.response.trailers", "headers": []}],
    "trailer_crlf": [start(trailers=True), BODY, {"type": "http.response.trailers", "headers": [(b"a", b"b\r\nc: d")]}],
    "hint_crlf": [{"type": "http.response.early_hint", "links": [b"</a>\r\nx: y"]}],
    "pathsend_missing": [START, {"type": "http.response.pathsend", "path": "/no/such/file"}],
}


async def raises(send):
    raise ValueError("raised before the start")


async def raises_after_start(send):
    await send(START)
    raise ValueError("raised after the start")


async def raises_amid_body(send):
    await send(START)
    await send(dict(BODY, more_body=True))
    raise ValueError("raised amid the body")


async def raises_after_end(send):
    await send(START)
    await send(BODY)
    raise ValueError("raised after the end")


async def raises_base_exception(send):
    raise GeneratorExit("raised as no Exception")


async def app(scope, receive, send):
    name = scope["path"].lstrip("/")
    if name in MESSAGES:
        for message in MESSAGES[name]:
            await send(message)
    else:
        await globals()[name](send)
