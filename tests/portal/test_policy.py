import json
from datetime import UTC, datetime, timedelta

from django.test import Client, TestCase, override_settings
from limits import parse_many

from kb.guard import reports, throttle

OLD = {
    "csp-report": {
        "violated-directive": "script-src-elem 'self'",
        "blocked-uri": "https://evil.example/x?of=anna",
    }
}
NEW = [{"type": "csp-violation", "body": {"effectiveDirective": "style-src-attr", "blockedURL": "inline"}}]


class ReportsOnThePolicy(TestCase):
    def setUp(self):
        reports.counts.clear()

    def send(self, body, **extra):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        browser = Client(enforce_csrf_checks=True)
        page = browser.post("/csp/", body, content_type="application/csp-report", **extra)
        self.assertEqual((page.status_code, page.content), (204, b""))

    def test_are_asked_for_by_every_page(self):
        page = self.client.get("/codes/")
        self.assertIn("report-uri /csp/", page["Content-Security-Policy"])
        self.assertIn("report-to csp", page["Content-Security-Policy"])
        self.assertEqual(page["Reporting-Endpoints"], 'csp="/csp/"')

    def test_are_counted_in_both_forms_and_logged_without_what_is_private(self):
        with self.assertLogs("kb.guard.reports", "WARNING") as log:
            self.send(OLD)
            self.send(NEW)
        self.assertEqual(reports.counts, {"script-src": 1, "style-src": 1})
        self.assertIn("script-src blocked evil.example (1 so far)", log.output[0])
        self.assertNotIn("anna", log.output[0])

    def test_are_logged_ever_more_seldom(self):
        with self.assertLogs("kb.guard.reports", "WARNING") as log:
            for _ in range(25):
                self.send(OLD)
        self.assertEqual(len(log.output), 2)
        self.assertEqual(reports.counts["script-src"], 25)

    def test_cannot_fill_the_memory(self):
        with self.assertLogs("kb.guard.reports", "WARNING"):
            for number in range(30):
                self.send({"csp-report": {"violated-directive": f"made-up-{number}"}})
            self.send(NEW * 100)
        self.assertEqual(reports.counts, {"other": 30, "style-src": reports.MOST_IN_ONE})

    def test_that_are_none_or_too_long_change_nothing(self):
        long = {"csp-report": {**OLD["csp-report"], "sample": "x" * 20_000}}
        deep = b"[" * 16_000
        for body in (long, deep, b"", b"\xff\xfe", [], [1], {"csp-report": 5}, "text", None, [{"body": []}]):
            self.send(body)
        self.send(OLD, CONTENT_LENGTH="")
        self.send(OLD, CONTENT_LENGTH="9" * 30)
        self.assertEqual(reports.counts, {})

    def test_survive_odd_addresses(self):
        with self.assertLogs("kb.guard.reports", "WARNING"):
            for odd in ("http://[", "", None, 5, "https://ü.example/", "data"):
                self.send({"csp-report": {"violated-directive": "img-src", "blocked-uri": odd}})
        self.assertEqual(reports.counts, {"img-src": 6})

    def test_are_limited_and_still_get_the_same_answer(self):
        throttle._memory.cache_clear()
        with (
            override_settings(LIMITING=True, LIMITS={"csp": parse_many("2/minute")}),
            self.assertLogs("kb.guard.reports", "WARNING"),
        ):
            for _ in range(5):
                self.send(OLD)
        self.assertEqual(reports.counts["script-src"], 2)

    def test_are_posted(self):
        self.assertEqual(self.client.get("/csp/").status_code, 405)


class WhomToTellOfAWeakness(TestCase):
    def test_stands_where_the_norm_says(self):
        with override_settings(
            SECURITY_CONTACT="mailto:security@example.org", SITE_URL="https://help.example.org"
        ):
            page = self.client.get("/.well-known/security.txt")
        self.assertEqual(page["Content-Type"], "text/plain; charset=utf-8")
        said = dict(line.split(": ", 1) for line in page.content.decode().splitlines())
        self.assertEqual(said["Contact"], "mailto:security@example.org")
        self.assertEqual(said["Canonical"], "https://help.example.org/.well-known/security.txt")
        expires = datetime.fromisoformat(said["Expires"])
        self.assertTrue(timedelta(days=170) < expires - datetime.now(UTC) < timedelta(days=365))
