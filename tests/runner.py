import logging
from contextlib import nullcontext

from django.conf import settings
from django.db import connections
from django.test import SimpleTestCase, TestCase, override_settings
from django.test.runner import DiscoverRunner

from tests import starting_point
from tests.delivery.served import CopyTestCase

FAST = {
    "LIMITING": False,  # all tests come from one address
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "STORAGES": {
        "default": {"BACKEND": "kb.delivery.media.Disk"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
}


class Runner(DiscoverRunner):
    """Django's own, with quick passwords and no limits, and with the shipped content in the database from the start."""

    # Those that serve a copy of it come before those that leave it empty.
    reorder_by = (TestCase, CopyTestCase, SimpleTestCase)

    def setup_test_environment(self, **kwargs):
        super().setup_test_environment(**kwargs)
        if not settings.HAS_SECRET_KEY:
            settings.SECRET_KEY = "for tests alone"  # for good: Django lets nobody put an empty one back
        self.fast = override_settings(**FAST)
        self.fast.enable()
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        logging.getLogger("django").setLevel(logging.CRITICAL)  # refusals are what many tests ask for

    def teardown_test_environment(self, **kwargs):
        self.fast.disable()
        super().teardown_test_environment(**kwargs)

    def setup_databases(self, **kwargs):
        """The content is loaded once, before the database is cloned for each process."""
        processes, self.parallel = self.parallel, 0
        file = starting_point.kept()
        is_kept = bool(file and file.exists())
        with starting_point.no_commands() if is_kept else nullcontext():
            made = super().setup_databases(**kwargs)
        self.parallel = processes
        if not any(first for _, _, first in made):  # only tests that need no database were asked for
            return made
        if is_kept:
            starting_point.take(file)
        else:
            self.load(file)
        for number in range(processes if processes > 1 else 0):
            connections["default"].creation.clone_test_db(
                suffix=str(number + 1), verbosity=0, keepdb=self.keepdb
            )
        return made

    def load(self, file):
        from kb.search.words import learn
        from tests.makers import load_shipped

        load_shipped()
        learn()
        if file:
            starting_point.keep(file)
