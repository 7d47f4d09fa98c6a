"""The door for web servers: `granian --interface wsgi kb.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from kb.guard.charset import with_known_charset

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
application = with_known_charset(get_wsgi_application())

from kb.guard import wal  # noqa: E402
from kb.jobs import thread  # noqa: E402 (its models need the application)

wal.keep_open()
thread.start()
