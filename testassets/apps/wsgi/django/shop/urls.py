from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import path

from . import views

urlpatterns = [
    path("", views.index),
    path("admin/", admin.site.urls),
    path("upload/", views.upload),
    path("raw/", views.raw),
    path("stream/", views.stream),
    path("file/", views.file),
    path("error/", views.error),
    path("users/", views.users),
] + staticfiles_urlpatterns()
