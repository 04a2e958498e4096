from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("", views.index),
    path("admin/", admin.site.urls),
    path("form/", views.form),
    path("users/", views.users),
    path("hello/<path:name>", views.hello),
    path("stream/", views.stream),
    path("file/", views.file),
    path("fail/", views.fail),
]
