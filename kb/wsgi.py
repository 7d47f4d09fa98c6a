"""The door for web servers: `granian --interface wsgi kb.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
application = get_wsgi_application()

from kb.jobs import thread  # noqa: E402 (its models need the application)

thread.start()
