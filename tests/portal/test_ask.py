import logging
import re
from unittest import mock

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from kb.feedback import remembering
from kb.feedback.models import Ask
from kb.portal.given import READ_AT_MOST
from tests.makers import make_user
from tests.portal.bounces import (
    ABSENT,
    ALIKE,
    BOUNCE,
    COMPLAINT,
    DEFERRED,
    NO_ERROR,
    SENT,
    TWO_PEOPLE,
    UNLISTED,
    report,
)

MOST_QUERIES = 6
MOST_SEARCHING = 12  # search asks in tiers


class Asking(TestCase):
    def setUp(self):
        remembering._waiting.clear()

    def ask(self, text):
        return self.client.post("/ask/", {"q": text})

    def send(self, mail, name="bounce.eml", **fields):
        content = mail if isinstance(mail, bytes) else mail.encode()
        return self.client.post("/ask/", {"mail": SimpleUploadedFile(name, content), **fields})


class TheBox(Asking):
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
        self.assertContains(page, "<h1>No such mailbox</h1>", html=True)
        self.assertEqual(page["Cache-Control"], "no-store")
        self.assertContains(page, "noindex")

    def test_reads_a_mail_as_a_file_before_any_text(self):
        page = self.send(TWO_PEOPLE, q="mailbox full")
        self.assertContains(page, "Mailbox over quota")
        self.assertEqual(page["Cache-Control"], "no-store")

    def test_reads_a_file_byte_by_byte(self):
        mail = report(("anna@example.com", "5.2.2", "552 5.2.2 Postfach überfüllt, mailbox is full"))
        page = self.send(mail.replace("us-ascii", "iso-8859-1").encode("iso-8859-1"))
        self.assertContains(page, "Mailbox over quota")

    def test_takes_an_empty_file_for_none(self):
        self.assertRedirects(self.send("", q="mailbox full"), "/search/?q=mailbox+full")

    def test_says_what_it_cannot_read(self):
        for content, words in (
            (bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 2000, "This is an Outlook file"),
            (b"%PDF-1.7\n\x00\x01\x02" * 90, "This file is no mail"),
        ):
            page = self.send(content, "mail.msg")
            self.assertContains(page, words)
            self.assertNotContains(page, "Send this to support")

    def test_goes_home_for_nothing_at_all(self):
        for text in ("", "   ", "\n"):
            self.assertRedirects(self.ask(text), "/")
        self.assertRedirects(self.client.get("/ask/"), "/")

    def test_reads_the_beginning_of_very_long_text_and_says_so(self):
        self.assertContains(self.ask("550 5.1.1 user unknown " + "x " * 200_000), "longer than 256 KB")
        self.assertContains(self.send(BOUNCE + "word " * 60_000), "longer than 256 KB")
        self.assertNotContains(self.send(BOUNCE), "longer than 256 KB")

    def test_keeps_no_more_of_a_file_than_it_reads(self):
        with mock.patch("kb.portal.views.ask.diagnose", side_effect=RuntimeError) as diagnose:
            self.client.raise_request_exception = False
            self.send(b"x" * 5_000_000)
        self.assertEqual(diagnose.call_args.args[0], b"x" * READ_AT_MOST)

    def test_refuses_what_is_far_too_long_in_words(self):
        for page in (self.ask("x" * 11_000_000), self.send("x" * 11_000_000)):
            self.assertContains(page, "more than 10 MB", status_code=413)

    def test_is_never_an_error(self):
        for text in (
            '"' * 70,
            "(" * 5000,
            "\x00" * 70,
            "AND OR NOT NEAR " * 10,
            "%" * 70,
            "٥٥٠ " * 30,
            "[" * 65536,
            "@" * 5000,
            "a@b" * 5000,
            "From: x\nContent-Type: multipart/mixed; boundary=\n\n" * 50,
        ):
            with self.subTest(text=text[:20]):
                self.assertEqual(self.ask(text).status_code, 200)
                self.assertEqual(self.send(text).status_code, 200)
        self.assertEqual(
            self.client.post(
                "/ask/", b"q=%ED%A0%80%FF 550 x@y", content_type="application/x-www-form-urlencoded"
            ).status_code,
            200,
        )

    def test_refuses_other_methods_and_other_sites(self):
        self.assertEqual(self.client.put("/ask/").status_code, 405)
        page = self.client.post("/ask/", {"q": BOUNCE}, headers={"sec_fetch_site": "cross-site"})
        self.assertEqual(page.status_code, 403)


class TheAnswer(Asking):
    def test_says_first_what_happened_who_must_act_and_whether_it_is_tried_again(self):
        text = plain(self.ask(BOUNCE))
        for words in ("Will not work as sent", "Tried again? No.", "Who must act You", "Quite sure."):
            self.assertIn(words, text)
        self.assertLess(text.index("Tried again?"), text.index("What to do now"))

    def test_has_advice_for_each_who_may_be_reading(self):
        page = self.ask(BOUNCE)
        for slug in ("sent", "receive", "server"):
            self.assertContains(page, f'id="reader-{slug}"')
            self.assertContains(page, f'class="for-reader {slug}"')
        self.assertContains(page, "If you run the receiving mail server")
        self.assertNotContains(page, "reader-support")

    def test_gives_staff_the_ready_reply(self):
        self.client.force_login(make_user("Agents"))
        page = self.client.post("/ask/", {"q": BOUNCE}, headers={"sec_fetch_site": "same-origin"})
        self.assertContains(page, 'id="reader-support"')
        self.assertContains(page, 'class="sample letter"')
        self.assertNotContains(page, "Send this to support")

    def test_marks_what_it_found_in_the_own_text(self):
        page = self.ask(BOUNCE)
        self.assertContains(page, "virtual\n    mailbox table")
        self.assertContains(page, '<mark class="mark-reply decides">550</mark>')
        self.assertContains(page, '<mark class="mark-enhanced decides">5.1.1</mark>')
        self.assertContains(page, '<mark class="mark-server">mx.example.com[192.0.2.25]</mark>')
        self.assertContains(page, '<span class="mark-server">Server</span>')

    def test_covers_addresses_until_they_are_asked_for(self):
        text = plain(self.ask(BOUNCE), without="uncovered")
        self.assertIn("a•••@example.com", text)
        self.assertNotIn("anna@example.com", text)

    def test_shows_the_lines_that_decide_of_a_long_report(self):
        page = self.send(report(("anna@example.com", "5.2.2", f"552 5.2.2 mailbox is full {'and ' * 300}")))
        text = page.content.decode()
        evidence = text[text.index("Where it says so") : text.index("The whole text")]
        self.assertIn("Diagnostic-Code", evidence)
        self.assertNotIn("This is the mail system", evidence)

    def test_runs_nothing_that_was_pasted(self):
        page = self.ask(
            '550 5.1.1 <script>alert(1)</script> <span data-kb="code - 421">x</span> and more than sixty letters'
        )
        self.assertNotContains(page, "<script>alert")
        self.assertContains(page, "&lt;span data-kb=")

    def test_offers_a_summary_without_addresses_the_code_and_support(self):
        page = self.ask(BOUNCE)
        summary = re.search(r'data-copy="([^"]*)"', page.content.decode())[1]
        self.assertIn("550 5.1.1 No such mailbox", summary)
        self.assertIn(f"{settings.SITE_URL}/codes/smtp/5.1.1/", summary)
        self.assertNotIn("@", summary)
        self.assertContains(page, 'href="/codes/smtp/5.1.1/"')
        self.assertContains(page, 'action="/contact/"')

    def test_puts_a_text_without_addresses_back_into_the_box(self):
        box = r'name="q"[^>]*>\n([^<]*)</textarea>'
        for text, shown in (("550 5.2.2 the mailbox is full, try later", True), (BOUNCE, False)):
            found = re.search(box, self.ask(text).content.decode())[1]
            self.assertEqual(bool(found), shown)

    def test_says_that_nothing_failed_for_a_success(self):
        page = self.ask(SENT)
        self.assertContains(page, "<h1>Nothing failed</h1>", html=True)
        self.assertNotContains(page, "What to do now")

    def test_tells_that_a_delayed_mail_is_still_tried(self):
        page = self.ask(DEFERRED)
        self.assertContains(page, "Not delivered yet, still being tried")
        self.assertIn("Tried again? Yes.", plain(page))
        self.assertIn("Who must act Nobody", plain(page))

    def test_tells_that_a_temporary_error_in_a_bounce_is_final(self):
        page = self.send(report(("anna@example.com", "4.4.1", "451 4.4.1 connection timed out")))
        self.assertIn("Tried again? No longer.", plain(page))

    def test_answers_an_unlisted_code_from_its_class_and_counts_it(self):
        page = self.ask(UNLISTED)
        self.assertIn("5.9.999 is on no list", plain(page))
        self.assertContains(page, "Will not work as sent")
        self.assertContains(page, "Send this to support")
        remembering.write_down()
        self.assertEqual(Ask.objects.get().outcome, "nothing")

    def test_does_not_take_a_guess_for_a_fact(self):
        text = plain(
            self.ask("mx.example.com said: 550 zapped by the frobnicator of tenant seven, sorry for that")
        )
        self.assertIn("Mailbox unavailable", text)
        self.assertIn("Not sure.", text)
        self.assertIn("Most likely:", text)

    def test_searches_the_words_when_there_is_no_error(self):
        page = self.ask(NO_ERROR.replace("coffee machine", "full mailbox"))
        self.assertContains(page, "No error code in this text")
        self.assertContains(page, "/kb/mailbox-full/")

    def test_answers_each_recipient_and_those_alike_once(self):
        page = self.send(TWO_PEOPLE)
        self.assertContains(page, "2 answers")
        for words in ("No such mailbox", "Mailbox over quota", "a•••@example.com", "c•••@example.net"):
            self.assertContains(page, words)
        page = self.send(ALIKE)
        self.assertContains(page, "<h1>No such mailbox</h1>", html=True)
        for name in ("a", "b", "c"):
            self.assertContains(page, f"{name}•••@example.com")

    def test_says_what_is_no_bounce(self):
        for mail, words in (
            (ABSENT, "An automatic reply, not an error"),
            (COMPLAINT, "A complaint about a mail"),
        ):
            page = self.send(mail)
            self.assertContains(page, words)
            self.assertNotContains(page, "What to do now")

    def test_needs_few_queries(self):
        self.ask(BOUNCE)  # the book of records is read once
        for most, texts in (
            (MOST_QUERIES, (BOUNCE, SENT, DEFERRED, TWO_PEOPLE, ABSENT)),
            (MOST_SEARCHING, (UNLISTED, NO_ERROR)),
        ):
            for text in texts:
                with self.subTest(text=text[:30]), CaptureQueriesContext(connection) as queries:
                    self.send(text)
                self.assertLessEqual(len(queries), most, [query["sql"][:100] for query in queries])


class WhatIsKept(Asking):
    TOKEN = "zaphodq7x"

    def texts(self):
        line = f"550 5.1.1 <{self.TOKEN}@{self.TOKEN}.example>: user {self.TOKEN}9 unknown (id {self.TOKEN}8)"
        yield f"host mx.{self.TOKEN}.example[192.0.2.1] said: {line}"
        yield f"Dear {self.TOKEN}@example.org, why is it that nothing of this is an error at all, my good friend?"
        yield report((f"{self.TOKEN}@example.com", "5.1.1", line))

    def test_is_nothing_of_what_was_pasted(self):
        with self.assertLogs(level="DEBUG") as logged:
            logging.getLogger("tests").debug("Nothing else may have been logged.")
            for text in self.texts():
                for page in (self.ask(text), self.send(text)):
                    self.assertEqual(page.status_code, 200)
                    self.assertNotIn(self.TOKEN, str(page.headers))
                    links = re.findall(r'(?:href|action|src)="([^"]*)"', page.content.decode())
                    self.assertFalse([link for link in links if self.TOKEN in link])
            remembering.write_down()
        self.assertNotIn(self.TOKEN, "\n".join(line for line in logged.output if "SELECT" not in line))
        self.assertGreater(Ask.objects.count(), 0)
        self.assertNotIn(self.TOKEN, whole_database())

    @override_settings(ASKS_KEPT_DAYS=0)
    def test_is_not_even_a_count_where_none_is_wanted(self):
        self.assertNotContains(self.ask(UNLISTED), "We count")
        remembering.write_down()
        self.assertEqual(Ask.objects.count(), 0)


def whole_database():
    return "\n".join(str(row) for model in apps.get_models() for row in model.objects.values_list())


def plain(page, without=""):
    """The words of the page in one line, as read aloud; `without` leaves out spans of a class."""
    html = page.content.decode().partition("<main")[2].partition("</main>")[0]
    if without:
        html = re.sub(rf'<span class="{without}">[^<]*</span>', "", html)
    html = re.sub(r"<textarea.*?</textarea>|<[^>]*>", " ", html, flags=re.DOTALL)
    return " ".join(html.split())


class Search(TestCase):
    def get(self, **query):
        return self.client.get("/search/", query)

    def test_leads_with_the_code(self):
        for query in ("550", "5.1.1"):
            main = self.get(q=query).content.decode().partition("<main")[2]
            links = re.findall(r'href="(/[^"]*)"', main)
            self.assertEqual(links[0], f"/codes/smtp/{query}/")

    def test_is_counted_once_however_many_pages_are_read(self):
        remembering._waiting.clear()
        for query in ({"q": "mailbox full"}, {"q": "mailbox full", "page": "2"}, {"q": "qqqq"}, {"q": ""}):
            self.get(**query)
        remembering.write_down()
        told = {ask.skeleton: (ask.times, ask.outcome) for ask in Ask.objects.all()}
        self.assertEqual(told["mailbox full"], (1, "well"))
        self.assertIn((1, "nothing"), told.values())
        self.assertEqual(len(told), 2)

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
        self.assertContains(page, ">\nmailbox full</textarea>", status_code=404)

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
