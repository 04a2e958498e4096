"""A Django project in one file, served by ASGI."""

import asyncio

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="only for tests",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.gzip.GZipMiddleware"],
)
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


async def asynchronous(request):
    await asyncio.sleep(0)
    return JsonResponse({"path": request.path, "query": request.GET.dict(), "scheme": request.scheme})


def synchronous(request):
    return HttpResponse("{} {}".format(request.method, len(request.body)))


def streaming(request):
    return StreamingHttpResponse(("{}\n".format(number) for number in range(3)), content_type="text/plain")


async def raises(request):
    raise ValueError("raised in a view")


urlpatterns = [path("async", asynchronous), path("sync", synchronous), path("streaming", streaming), path("raises", raises)]
application = get_asgi_application()
