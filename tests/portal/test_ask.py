import re

from django.test import TestCase

BOUNCE = """This is the mail system at host mail.example.org.

<anna@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1
    <anna@example.com>: Recipient address rejected: User unknown in virtual
    mailbox table (in reply to RCPT TO command)
"""


class TheBox(TestCase):
    def ask(self, text):
        return self.client.post("/ask/", {"q": text})

    def test_sends_a_short_question_to_the_search_page(self):
        for text, address in (
            ("550", "/search/?q=550"),
            ("mailbox full", "/search/?q=mailbox+full"),
            ("550\n5.1.1", None),
        ):
            page = self.ask(text)
            if address:
                self.assertRedirects(page, address)

    def test_answers_a_pasted_line_on_the_spot_and_keeps_nothing(self):
        page = self.ask(BOUNCE)
        self.assertContains(page, "Bad destination mailbox address")
        self.assertContains(page, "If you sent it")
        self.assertEqual(page["Cache-Control"], "no-store")
        self.assertContains(page, "noindex")

    def test_shows_the_text_again_and_marks_the_codes_in_it(self):
        self.assertContains(self.ask(BOUNCE), "virtual\n    mailbox table")
        self.assertContains(self.ask(BOUNCE), "<mark")

    def test_runs_nothing_that_was_pasted(self):
        page = self.ask(
            '550 5.1.1 <script>alert(1)</script> <span data-kb="code - 421">x</span> and more than sixty letters'
        )
        self.assertNotContains(page, "<script>alert")
        self.assertContains(page, "&lt;span data-kb=")

    def test_says_that_nothing_failed_for_a_success(self):
        self.assertContains(
            self.ask("status=sent (250 2.0.0 Ok: queued as D6749620E2) for somebody@example.com"),
            "Nothing failed",
        )

    def test_searches_the_words_when_there_is_no_code(self):
        page = self.ask("The mailbox of anna@example.com is full and cannot take any more mail, what now?")
        self.assertContains(page, "/kb/mailbox-full/")

    def test_goes_home_for_nothing_at_all(self):
        for text in ("", "   ", "\n"):
            self.assertRedirects(self.ask(text), "/")
        self.assertRedirects(self.client.get("/ask/"), "/")

    def test_reads_the_beginning_of_very_long_text_and_says_so(self):
        self.assertContains(self.ask("550 5.1.1 user unknown " + "x " * 200_000), "256")

    def test_refuses_what_is_far_too_long_in_words(self):
        self.assertContains(self.ask("x" * 11_000_000), "more than 10 MB", status_code=413)

    def test_is_never_an_error(self):
        for text in (
            '"' * 70,
            "(" * 5000,
            "\x00" * 70,
            "AND OR NOT NEAR " * 10,
            "%" * 70,
            "٥٥٠ " * 30,
            "[" * 65536,
        ):
            with self.subTest(text=text[:20]):
                self.assertEqual(self.ask(text).status_code, 200)
        self.assertEqual(
            self.client.post(
                "/ask/", b"q=%ED%A0%80%FF 550 x@y", content_type="application/x-www-form-urlencoded"
            ).status_code,
            200,
        )

    def test_refuses_other_methods(self):
        self.assertEqual(self.client.put("/ask/").status_code, 405)


class Search(TestCase):
    def get(self, **query):
        return self.client.get("/search/", query)

    def test_leads_with_the_code(self):
        for query in ("550", "5.1.1"):
            main = self.get(q=query).content.decode().partition("<main")[2]
            links = re.findall(r'href="(/[^"]*)"', main)
            self.assertEqual(links[0], f"/codes/smtp/{query}/")

    def test_filters_by_type(self):
        self.assertContains(self.get(q="mailbox full", type="article"), "/kb/mailbox-full/")
        self.assertNotContains(self.get(q="mailbox full", type="article"), "/causes/mailbox-full/")

    def test_offers_a_way_on_when_nothing_is_found(self):
        page = self.get(q="qqqqqqqq")
        self.assertContains(page, "qqqqqqqq")
        self.assertContains(page, "/codes/smtp/5xx/")

    def test_is_never_an_error(self):
        for query in ("", '"', "*", "\x00", "a" * 10_000, "title:x", "<script>", "NEAR(a b)"):
            for extra in ({}, {"type": "nonsense", "page": "-1"}, {"page": "9" * 30}):
                with self.subTest(query=query[:10], extra=extra):
                    page = self.get(q=query, **extra)
                    self.assertEqual(page.status_code, 200)
                    self.assertNotContains(page, "<script>alert")

    def test_stays_out_of_search_engines(self):
        self.assertEqual(self.get(q="x")["X-Robots-Tag"], "noindex")


class Errors(TestCase):
    def test_missing_page_offers_near_matches(self):
        page = self.client.get("/help/mailbox-full.html")
        self.assertContains(page, "/kb/mailbox-full/", status_code=404)
        self.assertContains(page, "ask-form", status_code=404)

    def test_server_error_needs_no_database_and_gives_a_reference(self):
        from django.db import connection
        from django.test import RequestFactory

        from kb.portal.errors import server_error

        with self.assertLogs("kb.portal.errors") as log, connection.execute_wrapper(refuse):
            page = server_error(RequestFactory().get("/"))
        self.assertEqual(page.status_code, 500)
        reference = log.records[0].args[0]
        self.assertIn(reference, page.content.decode())

    def test_too_many_says_when_to_come_back(self):
        from django.contrib.auth.models import AnonymousUser
        from django.test import RequestFactory

        from kb.portal.errors import too_many

        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        page = too_many(request, 90)
        self.assertEqual((page.status_code, page["Retry-After"]), (429, "90"))


def refuse(execute, sql, *arguments):
    raise AssertionError("a query on the page for errors")
