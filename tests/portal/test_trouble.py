import errno
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import mock

from django.db import DatabaseError, OperationalError
from django.test import Client, SimpleTestCase, TestCase

from kb.feedback.models import Vote
from kb.portal.trouble import is_trouble
from tests.makers import make_user

PAGE = "/codes/smtp/550/"


def raised_by_sqlite(*statements, script=""):
    """What Django makes of the last of these statements."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "one")) as database:
        database.executescript(script)
        try:
            for statement in statements:
                database.execute(statement)
        except sqlite3.Error as cause:
            problem = OperationalError("as Django says it")
            problem.__cause__ = cause
            return problem


def full():
    rows = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000) SELECT hex(randomblob(99)) FROM n"
    return raised_by_sqlite("PRAGMA max_page_count=3", rows, script="CREATE TABLE t (a);")


def read_only():
    return raised_by_sqlite("PRAGMA query_only=1", "CREATE TABLE t (a)")


class Trouble(SimpleTestCase):
    def test_is_what_passes(self):
        for problem in (
            full(),
            read_only(),
            OSError(errno.ENOSPC, "No space"),
            OSError(errno.EROFS, "Read-only"),
        ):
            self.assertTrue(is_trouble(problem), problem.__cause__)

    @mock.patch("kb.portal.trouble.has_older_tables", return_value=False)
    def test_of_postgresql_is_known_by_its_state(self, _):
        for state, passes in (
            ("57P01", True),
            ("53100", True),
            ("25006", True),
            ("55P03", True),
            (None, True),
            ("42P01", False),
        ):
            problem = OperationalError("gone")
            problem.__cause__ = type("Error", (Exception,), {"sqlstate": state})()
            self.assertEqual(is_trouble(problem), passes, state)

    def test_is_a_backup_of_an_older_codebook_that_was_restored(self):
        lack = raised_by_sqlite("SELECT nothing")
        with mock.patch("kb.portal.trouble.has_older_tables", return_value=True):
            self.assertTrue(is_trouble(lack))
            self.assertFalse(is_trouble(ValueError()))

    @mock.patch("kb.portal.trouble.has_older_tables", return_value=False)
    def test_is_no_fault_of_ours(self, _):
        for problem in (
            raised_by_sqlite("SELECT * FROM nothing"),
            raised_by_sqlite("SELECT nothing"),
            DatabaseError(),
            OSError(errno.ENOENT, "No such file"),
            ValueError(),
            None,
        ):
            self.assertFalse(is_trouble(problem), problem)


class APage(TestCase):
    def test_says_that_nothing_was_stored(self):
        for problem in (full(), read_only()):
            with (
                mock.patch.object(Vote, "cast", side_effect=problem),
                self.assertLogs("kb.portal.trouble", "ERROR") as log,
            ):
                page = self.client.post(f"{PAGE}vote/", {"useful": "yes"})
            self.assertContains(page, "Nothing was stored", status_code=503)
            self.assertEqual((page["Retry-After"], page["Cache-Control"]), ("10", "no-store"))
            self.assertRegex(
                log.output[0], r"Trouble at /codes/<slug:slug>/<value:value>/vote/: SQLITE_(FULL|READONLY)"
            )
        self.assertEqual(self.client.get(PAGE).status_code, 200)

    def test_says_that_it_could_not_be_put_together(self):
        with (
            mock.patch("kb.portal.views.codes.page", side_effect=full()),
            self.assertLogs("kb.portal.trouble", "ERROR"),
        ):
            page = self.client.get(PAGE)
        self.assertContains(page, "could not be put together", status_code=503)
        self.assertNotContains(page, "stored", status_code=503)

    def test_hides_no_fault_of_ours(self):
        browser = Client(raise_request_exception=False)
        for problem in (raised_by_sqlite("SELECT * FROM nothing"), ValueError("ours")):
            with (
                mock.patch.object(Vote, "cast", side_effect=problem),
                self.assertLogs("kb.portal.errors", "ERROR"),
            ):
                page = browser.post(f"{PAGE}vote/", {"useful": "yes"})
            self.assertContains(page, "This did not work", status_code=500)

    def test_says_it_too_where_a_session_cannot_be_kept(self):
        user = make_user()
        browser = Client(raise_request_exception=False)
        with (
            mock.patch("django.contrib.sessions.backends.db.SessionStore.save", side_effect=full()),
            self.assertLogs("kb.portal.trouble", "ERROR"),
        ):
            page = browser.post("/account/login/", {"username": user.username, "password": "right horse"})
        self.assertContains(page, "Nothing was stored", status_code=503)
