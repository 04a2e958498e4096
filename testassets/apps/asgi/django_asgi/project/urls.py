from django.urls import path

from . import views

urlpatterns = [
    path("", views.index),
    path("async/", views.asynchronous),
    path("sync/", views.synchronous),
    path("upload/", views.upload),
    path("stream/", views.stream),
    path("file/", views.file),
    path("fail/", views.fail),
    path("hello/<path:name>", views.hello),
]
