"""Flask application of the benchmarks: one page, rendered by Jinja from a template."""

from flask import Flask, render_template, request

from page import ITEMS, TITLE

application = Flask(__name__)


@application.route("/")
def index():
    return render_template("page.html", title=TITLE, name=request.args.get("name", "reader"), items=ITEMS)
