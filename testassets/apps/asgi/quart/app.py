"""A Quart application as users write them."""

import hashlib

from quart import Quart, abort, g, jsonify, make_response, render_template_string, request, session, websocket

import gate

app = Quart(__name__)
app.secret_key = "for the tests only"
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024


@app.before_serving
async def start():
    app.greeting = "Hello"


@app.after_serving
async def stop():
    print("after serving", flush=True)


@app.before_request
async def before():
    g.before = "before {}".format(request.path)


@app.after_request
async def after(response):
    response.headers["X-Before"] = g.before
    return response


@app.get("/")
async def index():
    return "hello"


@app.get("/hello/<name>")
async def hello(name):
    session["visits"] = session.get("visits", 0) + 1
    return await render_template_string("<p>{{ greeting }}, {{ name }}! {{ visits }}</p>", greeting=app.greeting, name=name, visits=session["visits"])


@app.post("/json")
async def json():
    return jsonify(got=await request.get_json()), 201


@app.post("/form")
async def form():
    fields, uploads = await request.form, await request.files
    files = []
    for field, file in uploads.items(multi=True):
        content = file.read()
        files.append({"field": field, "name": file.filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return {"form": fields.to_dict(flat=False), "files": files}


@app.post("/pieces")
async def pieces():
    """Reads the body as it comes."""
    size = 0
    async for piece in request.body:
        size += len(piece)
        gate.signal(request.args["port"], "received", size)
    return str(size)


@app.get("/stream")
async def stream():
    port = request.args["port"]

    async def lines():
        for number in range(3):
            yield "line {}\n".format(number).encode()
            await gate.wait_async(port, "sent", number)

    response = await make_response(lines())
    response.timeout = None
    return response


@app.get("/threaded")
def threaded():
    """No coroutine: Quart runs it in a thread."""
    return "threaded " + request.args["word"]


@app.get("/background")
async def background():
    app.add_background_task(gate.wait_async, request.args["port"], "background")
    return "answered"


@app.get("/fail")
async def fail():
    raise RuntimeError("failed on purpose " + request.args["word"])


@app.get("/refuse")
async def refuse():
    abort(403)


@app.errorhandler(404)
async def not_found(error):
    return "nothing at " + request.path, 404


@app.websocket("/echo")
async def echo():
    await websocket.accept(headers={"X-Socket": "accepted"}, subprotocol="chat" if "chat" in websocket.requested_subprotocols else None)
    while True:
        await websocket.send(await websocket.receive())


@app.websocket("/closing")
async def closing():
    await websocket.accept()
    await websocket.close(4001, "enough")


@app.websocket("/refusing")
async def refusing():
    return "not you", 401
