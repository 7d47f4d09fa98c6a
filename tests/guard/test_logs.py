import json
import logging
import re
import sys
from ipaddress import ip_network
from unittest import mock, skipUnless

from django.core import signing
from django.core.exceptions import BadRequest, SuspiciousFileOperation
from django.db import OperationalError, connection
from django.test import Client, SimpleTestCase, TestCase, override_settings

from kb.comments.models import Subscription
from kb.delivery.asking import Key
from kb.delivery.making import Maker
from kb.guard.logs import JsonFormatter, LineFormatter
from kb.guard.tracing import current
from tests.makers import code, make_comment, make_user


def logged(formatter, message="a thing happened", **extra):
    record = logging.LogRecord(
        "kb.here", logging.ERROR, "file.py", 1, message, (), extra.pop("exc_info", None)
    )
    for name, value in extra.items():
        setattr(record, name, value)
    return formatter.format(record)


def failed(typed="anna@example.com"):
    try:
        try:
            {}[typed]
        except KeyError as problem:
            raise ValueError(f"{typed} is no number") from problem
    except ValueError:
        return sys.exc_info()


class ALogLine(SimpleTestCase):
    def setUp(self):
        token = current.set("number-1")
        self.addCleanup(current.reset, token)

    def test_is_one_object_for_programs(self):
        told = json.loads(logged(JsonFormatter(), facts={"status": 200}))
        self.assertEqual(
            {name: told[name] for name in ("level", "logger", "message", "request", "status")},
            {
                "level": "ERROR",
                "logger": "kb.here",
                "message": "a thing happened",
                "request": "number-1",
                "status": 200,
            },
        )
        self.assertRegex(told["time"], r"^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$")

    def test_stays_one_line_for_programs_whatever_is_in_it(self):
        line = logged(JsonFormatter(), "two\nlines “and” more", exc_info=failed())
        self.assertNotIn("\n", line)
        self.assertEqual(json.loads(line)["message"], "two\nlines “and” more")

    def test_reads_well_for_people(self):
        self.assertRegex(logged(LineFormatter()), r"^[\d, :-]+ ERROR kb.here \[number-1\]: a thing happened$")

    def test_stays_one_line_for_people_too(self):
        line = logged(LineFormatter(), "GET /\n2026 ERROR kb: \x1b[31mFAKE \u2028“ü”")
        self.assertTrue(line.endswith(r": GET /\n2026 ERROR kb: \x1b[31mFAKE \u2028“ü”"), line)

    def test_tells_the_kind_and_place_of_an_exception_and_not_its_message(self):
        for formatter in (LineFormatter(), JsonFormatter()):
            told = logged(formatter, exc_info=failed())
            self.assertIn("test_logs.py", told)
            self.assertIn("ValueError", told)
            self.assertIn("KeyError", told)
            self.assertNotIn("anna", told)


class ARequestsNumber(TestCase):
    def number(self, **extra):
        return self.client.get("/account/login/", **extra)["X-Request-ID"]

    def test_is_new_for_each(self):
        first, second = self.number(), self.number()
        self.assertNotEqual(first, second)
        self.assertRegex(first, r"^[0-9a-f]{16}$")

    def test_stands_on_no_page_that_may_be_stored(self):
        page = self.client.get("/codes/")
        self.assertIn("public", page["Cache-Control"])
        self.assertNotIn("X-Request-ID", page)

    def test_is_our_proxys_if_that_gives_one(self):
        self.assertNotEqual(self.number(HTTP_X_REQUEST_ID="from-outside"), "from-outside")
        with override_settings(TRUSTED_PROXY=[ip_network("127.0.0.1")]):
            self.assertEqual(self.number(HTTP_X_REQUEST_ID="from-outside"), "from-outside")
            for odd in ("short", "a b c d e f g", "x" * 65, "line\nbreak-1"):
                self.assertNotEqual(self.number(HTTP_X_REQUEST_ID=odd), odd)


class TheAccessLog(TestCase):
    def test_is_off_until_asked_for(self):
        with self.assertNoLogs("kb.access"):
            self.client.get("/codes/")

    @override_settings(ACCESS_LOG=True)
    def test_has_neither_query_nor_address(self):
        with self.assertLogs("kb.access") as log:
            self.client.get("/search/?q=anna@example.com", REMOTE_ADDR="192.0.2.77")
        line = JsonFormatter().format(log.records[0])
        self.assertEqual((json.loads(line)["path"], json.loads(line)["status"]), ("/search/", 200))
        for private in ("anna", "192.0.2.77"):
            self.assertNotIn(private, line)

    @override_settings(ACCESS_LOG=True)
    def test_tells_the_path_of_what_is_there_and_the_route_of_what_is_not(self):
        told_of = Subscription.objects.create(comment=make_comment(code("550")))
        token = signing.dumps(told_of.pk, salt="kb.comments.subscription.unsubscribe")
        for path, told in (
            ("/codes/?page=1", "GET /codes/ 200"),
            ("/kb/mailbox-full/vote/", "GET /kb/<slug:slug>/vote/ 405"),
            ("/kb/anna-smith-has-left/", "GET /kb/<slug:slug>/ 404"),
            ("/codes/smtp/anna@example.com/", "GET /codes/<slug:slug>/<value:value>/ 404"),
            (f"/c/unsubscribe/{token}/", "GET /c/unsubscribe/<str:token>/ 200"),
            (f"/c/unsubscribe/{token}", "GET (no route) 301"),
            ("/admin/anna/", "GET /admin/(?P<url>.*)$ 302"),
            ("/%0aFAKE line/", "GET (no route) 404"),
            ("/anna@example.com/", "GET (no route) 404"),
            ("/" + "long/" * 2000, "GET (no route) 404"),
        ):
            with self.subTest(path=path[:60]), self.assertLogs("kb.access") as log:
                self.client.get(path)
                self.assertRegex(log.records[0].getMessage(), rf"^{re.escape(told)} in [\d.]+ ms$")


class WhatDjangoLogs(TestCase):
    def lines(self, path, **extra):
        with self.assertLogs("django.request") as log:
            self.client.get(path, **extra)
        return [formatter.format(log.records[0]) for formatter in (LineFormatter(), JsonFormatter())]

    def test_tells_the_route_of_what_was_refused_and_not_what_was_typed(self):
        for path, told in (
            ("/anna@example.com/", "Not Found: (no route)"),
            ("/" + "long/" * 2000, "Not Found: (no route)"),
            ("/kb/anna-smith-has-left/", "Not Found: /kb/<slug:slug>/"),
            ("/kb/Jos%C3%A9@example.com/", "Not Found: (no route)"),
            ("/anna%0a@example.com/", "Not Found: (no route)"),
            ("/anna%5C@example.com/", "Not Found: (no route)"),
            ("/kb/mailbox-full/vote/", "Method Not Allowed (GET): /kb/<slug:slug>/vote/"),
        ):
            line, json_line = self.lines(path)
            self.assertTrue(line.endswith(f": {told}"), line)
            self.assertEqual(json.loads(json_line)["message"], told)

    def test_tells_where_the_fault_was(self):
        self.client.raise_request_exception = False
        with mock.patch("kb.portal.views.codes.page", side_effect=ValueError):
            line, _ = self.lines("/causes/mailbox-full/")
        self.assertIn("Internal Server Error: /causes/<slug:slug>/\n", line)

    def test_is_one_short_line_for_what_was_refused(self):
        browser = Client(enforce_csrf_checks=True)
        agent = Client()
        agent.force_login(make_user("Agents"))
        typed = "anna@example.com"
        for told, ask in (
            (
                "Forbidden (Permission denied): /ask/",
                lambda: browser.post("/ask/", headers={"sec_fetch_site": "cross-site"}),
            ),
            ("Forbidden (Permission denied): /admin/login/", lambda: agent.get("/admin/login/")),
            ("Forbidden (CSRF cookie not set.): /account/login/", lambda: browser.post("/account/login/")),
            (
                "Forbidden (Origin checking failed): /account/login/",
                lambda: browser.post("/account/login/", headers={"origin": f"https://{typed}"}),
            ),
            (
                "TooManyFieldsSent: /ask/",
                lambda: browser.post(
                    "/ask/", {str(n): typed for n in range(2001)}, headers={"sec_fetch_site": "same-origin"}
                ),
            ),
            (
                "SuspiciousFileOperation: (no route)",
                lambda: mocked(SuspiciousFileOperation(typed)).get(f"/{typed}/"),
            ),
            ("Bad Request: (no route)", lambda: mocked(BadRequest(typed)).get(f"/{typed}/")),
            ("Not Found: (no route)", lambda: browser.post(f"/{typed}/")),
        ):
            with self.subTest(told), self.assertLogs("django") as log:
                ask()
                for formatter in (LineFormatter(), JsonFormatter()):
                    (line,) = {
                        formatter.format(record)
                        for record in log.records
                        if record.levelno >= logging.WARNING
                    }
                    self.assertIn(told, line)
                    self.assertNotIn("Traceback", line)
                    self.assertNotIn("\n", line)
                    self.assertNotIn("anna", line)
                    self.assertLess(len(line), 250)


def mocked(problem):
    """A client whose every request ends so."""
    client = Client()
    patch = mock.patch("kb.portal.errors.InWordsMiddleware.__call__", side_effect=problem)

    def get(path):
        with patch:
            return Client().get(path)

    client.get = get
    return client


@skipUnless(connection.vendor == "sqlite", "the trouble is made up as SQLite has it")
class TroubleWithTheDatabase(TestCase):
    def test_is_told_without_what_was_typed_or_is_a_secret(self):
        token = signing.dumps(1, salt="kb.comments.subscription.unsubscribe")
        for path, told in (
            (f"/c/unsubscribe/{token}/", "/c/unsubscribe/<str:token>/"),
            ("/kb/anna-smith-has-left/?q=anna", "/kb/<slug:slug>/"),
            ("/search/?q=anna", "/search/"),
            ("/codes/smtp/anna@example.com/", "/codes/<slug:slug>/<value:value>/"),
        ):
            with self.subTest(path), self.assertLogs("") as log:
                with mock.patch(
                    "django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError(path)
                ):
                    self.assertEqual(self.client.get(path).status_code, 503)
                lines = [
                    formatter.format(record)
                    for record in log.records
                    for formatter in (LineFormatter(), JsonFormatter())
                ]
                self.assertTrue(any(f"Trouble at {told}" in line for line in lines), lines)
                for private in (token, "anna"):
                    self.assertNotIn(private, "".join(lines))

    def test_is_told_so_of_a_page_for_the_store(self):
        def run(work, *arguments):
            work(*arguments)

        maker = Maker(mock.Mock(get_response=mock.Mock(side_effect=OSError("anna"))), mock.Mock(clock=0))
        with self.assertLogs("kb.delivery.making") as log:
            self.assertIsNone(
                maker.wanted(Key("http", "127.0.0.1", "/kb/anna-smith-has-left/", ""), run).result(5)
            )
        line = LineFormatter().format(log.records[0])
        self.assertIn("for the store: /kb/<slug:slug>/", line)
        self.assertNotIn("anna", line)
