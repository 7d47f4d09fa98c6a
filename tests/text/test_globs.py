import re
import sqlite3
from unittest import skipUnless

from django.db import connection
from django.test import SimpleTestCase, TestCase

from kb.articles.models import Tag
from kb.text.globs import as_regex

GLOBS = ["[0-9]*", "*[^-a-zA-Z0-9_]*", "X.*", "[X245].[0-9].[0-9][0-9]", "*[^A-Za-z0-9._-]*"]
VALUES = [
    "",
    "550",
    "X.1.1",
    "x.1.1",
    "XY1",
    "5.7.26",
    "5.7.267",
    "a b",
    "-a_Z",
    "é",
    "a\nb",
    "a.b-c",
    "a?b",
    "acb",
    "\n",
]


class AGlob(SimpleTestCase):
    def test_means_the_same_to_sqlite_and_to_postgresql(self):
        database = sqlite3.connect(":memory:")
        self.addCleanup(database.close)
        for glob in GLOBS:
            for value in VALUES:
                [(said,)] = database.execute("SELECT ? GLOB ?", (value, glob))
                self.assertEqual(
                    bool(said), bool(re.fullmatch(as_regex(glob), value, re.DOTALL)), (glob, value)
                )

    def test_takes_other_signs_as_they_are(self):
        self.assertEqual(as_regex("a.b+c"), r"^a\.b\+c$")


class ATable(TestCase):
    @skipUnless(connection.vendor == "sqlite", "about SQLite's own file")
    def test_can_be_checked_by_every_program(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%REGEXP%'")
            calling = cursor.fetchall()
        self.assertEqual(calling, [])

    def test_can_be_asked_by_glob(self):
        for slug in ("spam-filter", "550"):
            Tag.objects.create(slug=slug, name=slug)
        self.assertEqual([tag.slug for tag in Tag.objects.filter(slug__glob="[0-9]*")], ["550"])
