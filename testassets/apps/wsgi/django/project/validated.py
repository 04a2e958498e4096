"""The application behind wsgiref.validate."""

from wsgiref.validate import validator

from .wsgi import application as inner

application = validator(inner)
