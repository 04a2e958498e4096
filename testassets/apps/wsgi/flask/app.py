"""A Flask application as users write them; ``validated`` is the same behind wsgiref.validate."""

import hashlib
import io
import os
from wsgiref.validate import validator

from flask import (
    Flask,
    Response,
    abort,
    flash,
    g,
    get_flashed_messages,
    jsonify,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)

import gate

app = Flask(__name__)
app.secret_key = "for the tests only"
application = app
validated = validator(app)


@app.before_request
def note_request():
    g.before = "before {}".format(request.path)


@app.before_request
def refuse_some():
    if request.headers.get("X-Refuse"):
        return "refused before the view", 403
    return None


@app.after_request
def mark_response(response):
    response.headers["X-Before"] = g.before
    response.headers["X-After"] = "after {}".format(response.status_code)
    return response


@app.teardown_request
def report_end(error):
    if "teardown" in request.args:
        gate.signal(request.args["teardown"], "teardown", type(error).__name__)


@app.get("/")
def index():
    return "hello"


@app.get("/hello/<path:name>")
def hello(name):
    return render_template_string("<p>Hello, {{ name }}! {{ query }}</p>", name=name, query=request.args.get("q", ""))


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        session["name"] = request.form["name"]
        session["visits"] = 0
        flash("Welcome, {}".format(session["name"]))
        return redirect(url_for("account"))
    return '<form method="post"><input name="name"></form>'


@app.get("/account")
def account():
    if "name" not in session:
        abort(401)
    session["visits"] += 1
    return jsonify(name=session["name"], visits=session["visits"], messages=get_flashed_messages())


@app.post("/logout")
def logout():
    session.clear()
    return "bye"


@app.get("/nothing")
def nothing():
    return "", 204


@app.get("/request")
def describe_request():
    return jsonify(url=request.url, host=request.host, client=request.remote_addr)


@app.get("/cookies")
def cookies():
    response = jsonify(dict(request.cookies))
    response.set_cookie("one", "1", httponly=True)
    response.set_cookie("two", "2", max_age=60)
    response.delete_cookie("three")
    return response


@app.post("/upload")
def upload():
    files = [
        {
            "field": field,
            "name": file.filename,
            "type": file.content_type,
            "sha256": hashlib.sha256(file.read()).hexdigest(),
            "size": file.tell(),
        }
        for field, file in request.files.items(multi=True)
    ]
    return jsonify(form=request.form.to_dict(flat=False), files=files)


@app.post("/json")
def echo_json():
    return jsonify(request.get_json())


@app.get("/stream")
def stream():
    def lines():
        for number in range(3):
            yield "{} {}\n".format(request.args["word"], number)
            gate.wait(request.args["port"], "sent", str(number))

    return Response(stream_with_context(lines()), mimetype="text/plain")


@app.get("/stream-fails")
def stream_fails():
    def lines():
        yield "first\n"
        raise RuntimeError("in the middle of a stream")

    return Response(lines(), mimetype="text/plain")


@app.get("/file")
def file():
    return send_file(request.args["path"], mimetype="application/octet-stream", as_attachment=True, download_name="file.bin")


@app.get("/memory-file")
def memory_file():
    return send_file(io.BytesIO(b"0123456789" * 1000), mimetype="application/octet-stream")


@app.get("/redirect")
def redirected():
    return redirect("/hello/there?q=1", code=308)


@app.get("/abort/<int:code>")
def abort_with(code):
    abort(code)


@app.get("/fail")
def fail():
    raise RuntimeError("failed on purpose " + request.args.get("word", ""))


@app.get("/pid")
def pid():
    return str(os.getpid())


@app.errorhandler(404)
def not_found(error):
    return "nothing at {}".format(request.path), 404


@app.errorhandler(500)
def failed(error):
    return "we are sorry: {}".format(type(error.original_exception).__name__), 500
