"""A Flask application with what such applications do."""

import hashlib

from flask import (
    Flask,
    Response,
    abort,
    flash,
    get_flashed_messages,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)

import gate

app = Flask(__name__)
app.secret_key = "not a secret: only for the tests"


@app.route("/")
def index():
    return "index {}".format(request.args.get("q", ""))


@app.route("/page/<title>")
def page(title):
    return render_template("page.html", title=title)


@app.route("/count")
def count():
    session["count"] = session.get("count", 0) + 1
    return str(session["count"])


@app.route("/login", methods=["POST"])
def login():
    session["user"] = request.form["user"]
    flash("welcome")
    return redirect(url_for("whoami"))


@app.route("/whoami")
def whoami():
    return "{} {}".format(session.get("user", "nobody"), " ".join(get_flashed_messages()))


@app.route("/upload", methods=["POST"])
def upload():
    file = request.files["file"]
    data = file.read()
    return jsonify(name=file.filename, size=len(data), sha256=hashlib.sha256(data).hexdigest(), field=request.form["field"])


@app.route("/json", methods=["POST", "PUT"])
def json():
    return jsonify(received=request.get_json(), method=request.method)


@app.route("/raw", methods=["POST"])
def raw():
    return str(len(request.get_data()))


@app.route("/stream")
def stream():
    port = request.args["port"]

    @stream_with_context
    def pieces():
        for number in range(3):
            yield "piece {} of {}\n".format(number, request.path)
            gate.wait(port, "sent", str(number))

    return Response(pieces(), mimetype="text/plain")


@app.route("/file")
def file():
    return send_file(request.args["path"], as_attachment=True, download_name="download.bin", conditional=True)


@app.route("/error")
def error():
    raise ValueError("raised by a view")


@app.route("/forbidden")
def forbidden():
    abort(403)


@app.route("/environ")
def environ():
    return jsonify(url=request.url, remote=request.remote_addr, scheme=request.scheme, host=request.host)


@app.errorhandler(404)
def not_found(error):
    return "nothing at {}".format(request.path), 404


@app.errorhandler(ValueError)
def failed(error):
    return "handled: {}".format(error), 500
