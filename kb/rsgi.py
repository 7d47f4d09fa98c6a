"""The door that `./run` opens: `granian --interface rsgi kb.rsgi:application`."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
django_alone = get_wsgi_application()

from kb.delivery.door import Door  # noqa: E402 (these need the application's models)
from kb.delivery.layer import Layer  # noqa: E402
from kb.guard import permissions, wal  # noqa: E402
from kb.guard.charset import with_known_charset  # noqa: E402
from kb.guard.proxy import scheme_of  # noqa: E402
from kb.jobs import thread  # noqa: E402
from kb.portal import warming  # noqa: E402
from kb.transfer import workspace  # noqa: E402

# What is there now stays for good and need not be looked through again and again; what a request leaves is little.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
# The event loop that answers from stored pages takes turns with Django's threads: it waits a millisecond for each, not five.
sys.setswitchinterval(0.001)
# Longer than a page takes, but never because something is written for long.
MAY_TAKE_LONG = ("/ask/", "/search/", "/api/", "/csp/")
TAKES_PASSWORDS = ("/account/",)
MAY_LIE_FAR = ("/pictures/", "/admin/articles/picture/")
MAY_BE_LARGE = ("/ask/", "/api/", "/contact/", "/admin/")
# Else Django would be asked twice for the first of them: as for the store, and then for the person.
NEVER_SHARED = ("/account/", "/admin/", "/api/", "/c/", "/csp/", "/desk/", "/metrics", "/readyz", "/search/")

layer = Layer(django_alone)
application = Door(
    layer,
    with_known_charset(django_alone),
    slow=MAY_TAKE_LONG,
    passwords=TAKES_PASSWORDS,
    large=MAY_BE_LARGE,
    unshared=NEVER_SHARED,
    far=MAY_LIE_FAR,
    alive="/healthz",
    scheme_of=scheme_of if settings.TRUSTED_PROXY else None,
)
workspace.clear()
permissions.tighten()
wal.keep_open()
layer.start()
thread.start()
warming.start(layer)
