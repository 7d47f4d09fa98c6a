"""What the first to come after a start would wait for: templates, the book of codes, the index, and the pages most begin with."""

import logging
import threading
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.template.loader import get_template

from kb.delivery.asking import key_of
from kb.delivery.layer import Layer
from kb.diagnosis.diagnosing import diagnose
from kb.search.find import find
from kb.search.suggest import suggest

FIRST = ("/", "/kb/", "/codes/smtp/", "/codes/smtp/550/")
log = logging.getLogger(__name__)


def start(layer: Layer) -> None:
    """Aside: whoever comes meanwhile is served."""
    threading.Thread(target=_quietly, args=[layer], name="warming", daemon=True).start()


def _quietly(layer):
    try:
        warm(layer)
    except Exception as problem:  # a start is no worse for it
        log.warning("The first pages could not be made ahead: %s", type(problem).__name__)
    finally:
        connections.close_all()


def warm(layer: Layer) -> None:
    find("mailbox full", user=AnonymousUser()).hits[:1]
    suggest("mail", user=AnonymousUser())
    diagnose("550 5.1.1 User unknown")
    for key in filter(None, map(_key, FIRST)):
        layer.maker.wanted(key, lambda fly, *flight: fly(*flight)).result()
    _load_templates()


def _load_templates():
    """All of them: an upgrade puts newer ones in place while this process, which does not know their tags, still serves."""
    for folder in settings.TEMPLATES[0]["DIRS"]:
        for path in folder.rglob("*.*"):
            get_template(str(path.relative_to(folder)))


def _key(path):
    site = urlsplit(settings.SITE_URL)
    return key_of(site.scheme, site.netloc, path, "")
