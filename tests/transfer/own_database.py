"""A PostgreSQL database of the test's own, made from the one of all tests, so that a restore harms no other test."""

import tempfile
from io import StringIO
from pathlib import Path
from unittest import skipUnless

from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, override_settings

RELATIONS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') ORDER BY relname
"""


@skipUnless(connection.vendor == "postgresql", "SQLite is backed up without tools, in test_backup")
class OnAServer(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.place = Path(made.name)
        self.file = self.place / "kept.tar.gz"
        changed = override_settings(DATA_DIR=self.place, MEDIA_ROOT=self.place / "media")
        changed.enable()
        self.addCleanup(changed.disable)
        self.common = connection.settings_dict["NAME"]
        self.live_in_a_copy_of(self.common)

    def live_in_a_copy_of(self, other):
        own = f"{self.common}_own"
        connection.close()
        connection.close_pool()  # nobody may look at a database that is copied
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{own}"')
            cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{other}"')
        connection.settings_dict["NAME"] = own
        self.addCleanup(self.leave, own)

    def leave(self, own):
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = self.common
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')

    def backup(self):
        call_command("backup", self.file, stdout=StringIO())

    def restore(self, **options):
        call_command("restore", self.file, stdout=StringIO(), **options)

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
