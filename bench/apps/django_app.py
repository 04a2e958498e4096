"""Django application of the benchmarks in one file: one view, rendered from a template.

The middleware is that of ``startproject`` without what needs a database; CommonMiddleware gives the page its
Content-Length, as in every real project.
"""

from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.shortcuts import render
from django.urls import path

from page import ITEMS, TITLE

settings.configure(
    DEBUG=False,
    SECRET_KEY="for the benchmark only",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [str(Path(__file__).resolve().parent / "templates")],
        }
    ],
)


def index(request):
    context = {"title": TITLE, "name": request.GET.get("name", "reader"), "items": ITEMS}
    return render(request, "page.html", context)


urlpatterns = [path("", index)]

application = get_wsgi_application()
