import asyncio
import hashlib
import threading

from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse

import gate


async def index(request):
    return HttpResponse("hello", content_type="text/plain")


async def asynchronous(request):
    """Waits without keeping others from being served."""
    await gate.wait_async(request.GET["port"], "in_view")
    return JsonResponse({"interface": type(request).__name__, "task": asyncio.current_task() is not None})


def synchronous(request):
    try:
        asyncio.get_running_loop()
        loop = True
    except RuntimeError:
        loop = False
    return JsonResponse(
        {"interface": type(request).__name__, "loop": loop, "main": threading.current_thread() is threading.main_thread(), "path": request.path}
    )


def upload(request):
    files = [
        {"field": field, "name": file.name, "size": file.size, "sha256": hashlib.sha256(b"".join(file.chunks())).hexdigest()}
        for field in request.FILES
        for file in request.FILES.getlist(field)
    ]
    return JsonResponse({"form": dict(request.POST.lists()), "files": files})


def stream(request):
    lines = ("line {}\n".format(number) for number in range(int(request.GET["count"])))
    return StreamingHttpResponse(lines, content_type="text/plain")


def file(request):
    return FileResponse(open(request.GET["path"], "rb"), as_attachment=True, filename="file.bin")


async def fail(request):
    raise RuntimeError("failed on purpose " + request.GET["word"])


async def hello(request, name):
    response = HttpResponse("Hello, {}! {}".format(name, request.GET.get("q", "")), content_type="text/plain; charset=utf-8")
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response
