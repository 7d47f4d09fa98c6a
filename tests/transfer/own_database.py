"""A PostgreSQL database of the test's own, made from the one of all tests, so that a restore harms no other test."""

import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest import skipUnless

from django.db import connection
from django.test import SimpleTestCase, override_settings

from kb.codes.models import Code
from tests.makers import load_shipped
from tests.transfer.keeping import Keeping

RELATIONS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') ORDER BY relname
"""


def copy(name, new):
    """Nobody may look at a database that is copied."""
    hang_up()
    drop(new)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{new}" TEMPLATE "{name}"')


def drop(name):
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def living_in(name):
    before = connection.settings_dict["NAME"]
    hang_up()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        hang_up()
        connection.settings_dict["NAME"] = before


def hang_up():
    connection.close()
    connection.close_pool()


@skipUnless(connection.vendor == "postgresql", "SQLite is backed up without tools, in test_backup")
class OnAServer(Keeping, SimpleTestCase):
    databases = {"default"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.common = connection.settings_dict["NAME"]
        cls.first = f"{cls.common}_first"
        cls.addClassCleanup(drop, cls.first)
        copy(cls.common, cls.first)
        with living_in(cls.first):
            if not Code.objects.exists():  # a test before has emptied the common one
                load_shipped()

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.place = Path(made.name)
        self.file = self.place / "kept.tar.gz"
        self.enterContext(override_settings(DATA_DIR=self.place, MEDIA_ROOT=self.place / "media"))
        own = f"{self.common}_own"
        self.addCleanup(drop, own)
        copy(self.first, own)
        self.enterContext(living_in(own))

    def query(self, sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def relations(self):
        return {name for (name,) in self.query(RELATIONS)}

    def content(self, *, but=()):
        """A sum of the rows of every table."""
        sums = "SELECT md5(string_agg(row::text, '\n' ORDER BY row::text)) FROM {} AS row"
        return {
            table: self.query(sums.format(table))
            for table in connection.introspection.table_names()
            if table not in but
        }
