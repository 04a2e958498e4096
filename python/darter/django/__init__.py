"""An app for Django's INSTALLED_APPS, before ``django.contrib.staticfiles``: ``manage.py runserver`` is Darter then."""
