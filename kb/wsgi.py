"""The door for web servers that speak WSGI, such as gunicorn: `gunicorn kb.wsgi:application`. `./run` uses kb.rsgi."""

import os
import threading
from functools import cache

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
django_alone = get_wsgi_application()

from kb.delivery.behind_wsgi import with_stored_pages  # noqa: E402 (these need the application's models)
from kb.delivery.layer import Layer  # noqa: E402
from kb.guard import permissions, wal  # noqa: E402
from kb.guard.charset import with_known_charset  # noqa: E402
from kb.guard.proxy import scheme_of  # noqa: E402
from kb.jobs import thread  # noqa: E402
from kb.transfer import workspace  # noqa: E402

_beginning = threading.Lock()


def application(environ, start_response):
    with _beginning:
        served = _served()
    return served(environ, start_response)


@cache
def _served():
    """Begun with the first request: a server that loads us before it forks would leave its threads behind."""
    layer = Layer(django_alone)
    workspace.clear()
    permissions.tighten()
    wal.keep_open()
    layer.start()
    thread.start()
    return with_stored_pages(layer, with_known_charset(django_alone), scheme_of)
