"""The application; in DEBUG it serves the static files of the installed apps, as runserver does."""

import os

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = StaticFilesHandler(get_wsgi_application())
