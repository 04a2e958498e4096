import hashlib

from django.contrib.auth import get_user_model
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render

import gate


def index(request):
    return HttpResponse("hello", content_type="text/plain")


def form(request):
    """A form behind the CSRF protection, which reads the body before the view does."""
    if request.method == "GET":
        return render(request, "form.html")
    files = [
        {
            "field": field,
            "name": file.name,
            "class": type(file).__name__,
            "size": file.size,
            "sha256": hashlib.sha256(b"".join(file.chunks())).hexdigest(),
        }
        for field in request.FILES
        for file in request.FILES.getlist(field)
    ]
    return JsonResponse({"form": dict(request.POST.lists()), "files": files})


def users(request):
    """Writes into the database and reads from it."""
    if request.method == "POST":
        get_user_model().objects.create_user(request.POST["name"], password="x")
    return JsonResponse({"users": list(get_user_model().objects.order_by("username").values_list("username", flat=True))})


def hello(request, name):
    return render(request, "hello.html", {"name": name, "query": request.GET.get("q", "")})


def stream(request):
    def lines():
        for number in range(3):
            yield "{} {}\n".format(request.GET["word"], number)
            gate.wait(request.GET["port"], "sent", str(number))

    return StreamingHttpResponse(lines(), content_type="text/plain")


def file(request):
    return FileResponse(open(request.GET["path"], "rb"), as_attachment=True, filename="file.bin")


def fail(request):
    raise RuntimeError("failed on purpose " + request.GET.get("word", ""))
