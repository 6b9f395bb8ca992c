"""A Django that serves the least view there is, with no middleware: `granian --interface wsgi benchmarks.bare:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linggong.settings")

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

get_wsgi_application()  # the apps are checked against the usual middleware
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], "benchmarks.hello"
application = WSGIHandler()
