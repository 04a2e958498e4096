"""A chat in Django, in one file and without a database.

    ./darter run examples/chat/django_chat.py

Who listens takes no thread and no worker: the server holds the streams, and sends what is published.
"""

import json
import secrets
from pathlib import Path

import darter
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY=secrets.token_hex())
PAGE = Path(__file__).with_name("chat.html").read_text()


@require_GET
def page(request):
    return HttpResponse(PAGE)


@require_GET
def events(request):
    answer = HttpResponse("retry: 1000\n\n", content_type="text/event-stream")
    answer["Grip-Hold"] = "stream"
    # A page that is new gets what is kept; one that comes again (Last-Event-ID) what it has missed.
    answer["Grip-Channel"] = "chat" if "Last-Event-ID" in request.headers else "chat; prev-id=none"
    answer["Grip-Keep-Alive"] = r":\n\n; format=cstring; timeout=20"
    return answer


@csrf_exempt  # There are no cookies that a form of another site could misuse.
@require_POST
def say(request):
    message = json.loads(request.body)
    name, text = str(message.get("name", ""))[:40].strip(), str(message.get("text", ""))[:1000].strip()
    if not name or not text:
        return JsonResponse({"problem": "A message has a name and a text."}, status=422)
    return JsonResponse({"listeners": darter.publish("chat", {"name": name, "text": text})})


urlpatterns = [path("", page), path("events", events), path("messages", say)]
application = get_wsgi_application()
