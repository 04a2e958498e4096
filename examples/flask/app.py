"""A Flask application: a page with a form, JSON, and a response that is sent while it is made.

    pip install flask          # or: apt-get install python3-flask
    ./darter run examples/flask/app.py
"""

import os
import time

from flask import Flask, Response, jsonify, redirect, render_template_string, request, session, url_for

app = Flask(__name__)
# Signs the session cookie: a secret where it matters, the same in all workers.
app.secret_key = os.environ.get("SECRET_KEY", "only for this example")

PAGE = """<!doctype html>
<title>Flask on Darter</title>
<h1>Hello, {{ name }}!</h1>
<form method="post"><input name="name" placeholder="Your name"> <button>That is me</button></form>
<p><a href="{{ url_for('about') }}">JSON</a>, <a href="{{ url_for('count') }}">a response that takes a while</a></p>
"""


@app.get("/")
def index():
    return render_template_string(PAGE, name=session.get("name", "world"))


@app.post("/")
def remember():
    session["name"] = request.form["name"]
    return redirect(url_for("index"))


@app.get("/about")
def about():
    return jsonify(server=request.environ["SERVER_SOFTWARE"], worker=os.getpid())


@app.get("/count")
def count():
    def lines():
        for number in range(1, 6):
            yield f"{number}\n"
            time.sleep(0.5)

    return Response(lines(), mimetype="text/plain")
