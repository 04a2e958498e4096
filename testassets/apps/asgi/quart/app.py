"""A Quart application."""

from quart import Quart, make_response, request, websocket

app = Quart(__name__)
served = []


@app.before_serving
async def before():
    served.append("before")


@app.route("/")
async def index():
    return {"served": served}


@app.route("/echo", methods=["POST"])
async def echo():
    return await request.get_data()


@app.route("/stream")
async def stream():
    async def numbers():
        for number in range(3):
            yield "{}\n".format(number).encode()

    return await make_response(numbers())


@app.route("/raises")
async def raises():
    raise ValueError("raised in a view")


@app.websocket("/ws")
async def ws():
    while True:
        await websocket.send("echo " + await websocket.receive())
