import hashlib

from django.contrib.auth.models import User
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

import gate


def index(request):
    return HttpResponse("index of {} {}".format(request.get_host(), request.GET.get("q", "")))


@csrf_exempt
def upload(request):
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return JsonResponse(
        {"name": file.name, "size": file.size, "sha256": digest.hexdigest(), "field": request.POST["field"], "kind": type(file).__name__}
    )


@csrf_exempt
def raw(request):
    return JsonResponse({"length": len(request.body), "type": request.content_type})


def stream(request):
    def pieces():
        for number in range(3):
            yield "piece {}\n".format(number)
            gate.wait(request.GET["port"], "sent", str(number))

    return StreamingHttpResponse(pieces(), content_type="text/plain")


def file(request):
    return FileResponse(open(request.GET["path"], "rb"), as_attachment=True, filename="download.bin")


def error(request):
    raise ValueError("raised by a view")


def users(request):
    return JsonResponse({"users": [user.username for user in User.objects.all()]})
