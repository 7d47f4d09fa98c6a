"""For servers that tests start: as in production, but no static files need to be gathered first."""

from kb.settings import *  # noqa: F403
from tests.runner import FAST

STORAGES = {**FAST["STORAGES"], "default": MEDIA_STORAGE}  # noqa: F405
SECRET_KEY, HAS_SECRET_KEY = SECRET_KEY or "for tests alone", True  # noqa: F405
