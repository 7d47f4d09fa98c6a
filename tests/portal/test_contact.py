import re
from unittest import mock

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase, override_settings
from limits import parse_many

from kb.diagnosis.diagnosing import diagnose
from kb.guard import throttle
from kb.jobs.models import Mail
from tests.makers import make_user
from tests.portal.bounces import BOUNCE, NO_ERROR, TWO_PEOPLE

REFERENCE = re.compile(r"CB-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}")
ADDRESS = "bob@example.org"


class Contact(TestCase):
    def look(self, message="", **fields):
        return self.client.post("/contact/", {"message": message, **fields})

    def send(self, message=BOUNCE, **fields):
        said = {"message": message, "email": ADDRESS, "subject": "Help", "key": "k1", **fields}
        return self.client.post("/contact/", {"act": "send", **said})

    def reference(self, page):
        return REFERENCE.search(page.content.decode())[0]


class TheMessage(Contact):
    def test_comes_first(self):
        page = self.client.get("/contact/")
        self.assertContains(page, 'name="message"')
        self.assertNotContains(page, 'name="email"')
        self.assertNotIn("no-store", page.get("Cache-Control", ""))

    def test_must_say_something(self):
        for text in ("", " \n "):
            self.assertContains(self.look(text), "Write what happened", status_code=422)

    def test_is_kept_beside_a_file_that_is_no_mail(self):
        page = self.look("My words", mail_file=SimpleUploadedFile("a.png", b"\x89PNG\x00\x00"))
        self.assertContains(page, "no mail as text", status_code=422)
        self.assertContains(page, "My words", status_code=422)


class TheSuggestions(Contact):
    def test_answer_the_whole_text_before_it_is_sent(self):
        page = self.look("My mail came back, what now?\n" + BOUNCE)
        for words in (
            "This may answer it",
            "No such mailbox",
            "/kb/unknown-recipient",
            "What to do if you sent it",
        ):
            self.assertContains(page, words)
        self.assertContains(page, 'value="550 5.1.1 No such mailbox"')
        self.assertIn("no-store", page["Cache-Control"])
        self.assertEqual(page["X-Robots-Tag"], "noindex")
        self.assertEqual(Mail.objects.count(), 0)

    def test_search_the_words_where_there_is_no_error(self):
        page = self.look(NO_ERROR.replace("coffee machine", "full mailbox"))
        self.assertContains(page, "/kb/mailbox-full/")

    def test_read_a_mail_as_a_file(self):
        page = self.look("See this", mail_file=SimpleUploadedFile("b.eml", TWO_PEOPLE.encode()))
        self.assertContains(page, "No such mailbox")
        self.assertContains(page, "Final-Recipient")
        self.assertContains(page, "See this")

    def test_are_not_shown_again_to_who_has_seen_the_answer(self):
        page = self.look(BOUNCE, seen="yes")
        self.assertNotContains(page, "This may answer it")
        self.assertContains(page, 'name="email"')

    def test_never_stand_in_the_way(self):
        for text in ("\x00" * 20 + "x", "(" * 3000, '"' * 90, "٥٥٠", "qqqqqqqq"):
            self.assertContains(self.look(text), 'name="email"')
        with limited(ask="1/day"):
            self.look(BOUNCE)
            page = self.look(BOUNCE)
        self.assertNotContains(page, "This may answer it")
        self.assertContains(page, 'name="email"')

    def test_know_the_address_of_who_is_signed_in(self):
        self.client.force_login(make_user(email=ADDRESS))
        page = self.client.post("/contact/", {"message": BOUNCE}, headers={"sec_fetch_site": "same-origin"})
        self.assertContains(page, f'value="{ADDRESS}"')


class TheLetter(Contact):
    def test_goes_to_the_support_with_how_it_was_read(self):
        page = self.send(mail="550 5.2.2 <carl@example.net>: Mailbox is full")
        mail = Mail.objects.get()
        reference = self.reference(page)
        self.assertEqual((mail.recipient, mail.reply_to), (settings.SUPPORT_EMAIL, ADDRESS))
        self.assertEqual(mail.subject, f"[{reference}] Help")
        own, _, read = mail.text.partition("---- How we read it ----")
        self.assertIn("<anna@example.com>: Recipient address rejected", own)
        self.assertIn("<carl@example.net>: Mailbox is full", own)
        self.assertIn("550 5.2.2 Mailbox over quota", read)
        self.assertIn(f"{settings.SITE_URL}/causes/mailbox-full/", read)
        self.assertNotIn("carl", read)

    def test_leaves_out_what_no_mail_can_carry(self):
        self.send("Half\x00way", subject="a\x00b")
        self.assertIn("Halfway", Mail.objects.get().text)
        self.assertIn("] ab", Mail.objects.get().subject)

    def test_names_itself_where_nobody_did(self):
        self.send(subject="")
        self.assertRegex(Mail.objects.get().subject, r"\] 550 5\.1\.1 No such mailbox$")

    def test_is_confirmed_on_the_spot_and_leaves_nothing_in_an_address(self):
        page = self.send()
        self.assertContains(page, ADDRESS)
        self.assertNotIn("Location", page)
        self.assertIn("no-store", page["Cache-Control"])
        self.assertIn(settings.VISITOR_COOKIE_NAME, page.cookies)
        links = re.findall(r'(?:href|action)="([^"]*)"', page.content.decode())
        self.assertFalse([link for link in links if "anna" in link or ADDRESS in link])

    def test_sent_twice_is_one(self):
        first, second = self.reference(self.send()), self.reference(self.send())
        self.assertEqual(first, second)
        self.assertEqual(Mail.objects.count(), 1)

    def test_changed_or_written_anew_is_another(self):
        references = {
            self.reference(page)
            for page in (
                self.send(),
                self.send(BOUNCE + "And more."),
                self.send(key="k2"),
                self.send(subject="Or"),
            )
        }
        self.assertEqual((len(references), Mail.objects.count()), (4, 4))

    def test_is_not_confirmed_if_it_could_not_be_kept(self):
        self.client.raise_request_exception = False
        with mock.patch("kb.jobs.models.Mail.objects.get_or_create", side_effect=RuntimeError):
            page = self.send()
        self.assertEqual(page.status_code, 500)
        self.assertIsNone(REFERENCE.search(page.content.decode()))

    def test_keeps_all_that_was_typed_when_something_is_wrong(self):
        for fields, words in (
            ({"email": ""}, "Write your e-mail address"),
            ({"email": "bob@example"}, "no complete e-mail address"),
            ({"email": "bob@example.org\r\nBcc: x@example.org"}, "no complete e-mail address"),
            ({"email": "b" * 300 + "@example.org"}, "at most 254"),
            ({"subject": "long " * 40}, "Shorten it to 150"),
            ({"message": "  "}, "Write what happened"),
            ({"message": "x " * 140_000}, "more than 256 KB"),
            ({"website": "https://example.net"}, "trap for programs"),
        ):
            with self.subTest(words=words):
                said = {"mail": "The mail itself", "email": ADDRESS, "subject": "Help", **fields}
                if fields.get("message") == "  ":
                    said["mail"] = ""
                page = self.send(**said)
                self.assertContains(page, words, status_code=422)
                for name in ("mail", "email", "subject"):
                    shown = said[name].partition("\r")[0][:20]
                    self.assertContains(page, shown, status_code=422)
        self.assertEqual(Mail.objects.count(), 0)

    def test_shows_the_trap_only_to_who_stepped_into_it(self):
        self.assertContains(self.look(BOUNCE), '<div class="trap">')
        self.assertContains(self.send(website="x"), '<div class="trap sprung">', status_code=422)

    def test_has_a_limit_told_in_words(self):
        with limited(contact="1/hour"):
            self.send()
            page = self.send("Another one")
        self.assertContains(page, "Several messages came from your network", status_code=429)
        self.assertContains(page, "Another one", status_code=429)
        self.assertGreater(int(page["Retry-After"]), 3000)
        self.assertEqual(Mail.objects.count(), 1)

    def test_reads_no_more_texts_than_the_box_does_and_still_takes_the_letter(self):
        with limited(ask="1/hour"), mock.patch("kb.portal.views.contact.diagnose", wraps=diagnose) as reading:
            self.look(BOUNCE)
            page = self.look(BOUNCE)
        self.assertEqual(reading.call_count, 1)
        self.assertContains(page, 'id="contact-form"')
        self.assertContains(page, "550 5.1.1")

    def test_is_not_counted_before_it_is_sent(self):
        with limited(contact="1/hour"):
            for _ in range(3):
                self.look(BOUNCE)
                self.send(email="")
            self.assertEqual(self.send().status_code, 200)


class TheRoute(Contact):
    def test_refuses_other_methods_and_other_sites(self):
        self.assertEqual(self.client.put("/contact/").status_code, 405)
        browser = Client(headers={"sec_fetch_site": "cross-site"})
        page = browser.post("/contact/", {"act": "send", "message": "x", "email": ADDRESS})
        self.assertContains(page, "sent from another site", status_code=403)
        self.assertEqual(Mail.objects.count(), 0)

    def test_refuses_far_too_much_in_words(self):
        page = self.look("x", mail_file=SimpleUploadedFile("b.eml", b"x" * 11_000_000))
        self.assertContains(page, "more than 10 MB", status_code=413)

    def test_is_offered_where_people_look_for_it(self):
        for address in ("/", "/codes/smtp/550/", "/kb/mailbox-full/", "/search/?q=qqqqqqq"):
            self.assertContains(self.client.get(address), 'href="/contact/"')
        no = self.client.post("/kb/mailbox-full/vote/", {"useful": "no"}, follow=True)
        self.assertContains(no, '<a href="/contact/">Write to our support</a>')


def limited(**given):
    throttle._memory.cache_clear()
    limits = {name: parse_many(text) for name, text in given.items()}
    return override_settings(LIMITING=True, LIMITS={**settings.LIMITS, **limits})
