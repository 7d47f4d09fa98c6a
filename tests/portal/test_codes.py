from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from kb.codes.models import Code
from kb.comments.models import Comment
from tests.makers import code, make_article, make_comment, make_user, smtp


class TheCodePage(TestCase):
    def test_says_what_it_means_who_acts_and_what_to_do(self):
        page = self.client.get("/codes/smtp/550/")
        for words in (
            "Mailbox unavailable",
            "Will not work as sent",
            code("550").meaning[:40],
            "If you sent it",
            "RFC 5321",
        ):
            self.assertContains(page, words)

    def test_shows_how_it_looks_by_provider(self):
        self.assertContains(self.client.get("/codes/smtp/5.1.1/"), "gsmtp")

    def test_reads_an_enhanced_code_with_its_class(self):
        self.assertContains(self.client.get("/codes/smtp/5.1.1/"), "Will not work as sent")
        self.assertContains(self.client.get("/codes/smtp/4.1.1/"), "Try again later")

    def test_leads_the_general_form_to_the_usual_one(self):
        self.assertRedirects(self.client.get("/codes/smtp/X.1.1/"), "/codes/smtp/5.1.1/", status_code=301)

    def test_answers_what_is_no_record_from_its_parts(self):
        for value in ("5.7.606", "557"):
            page = self.client.get(f"/codes/smtp/{value}/")
            self.assertContains(page, "noindex")
            self.assertEqual(page["X-Robots-Tag"], "noindex")
        self.assertContains(self.client.get("/codes/smtp/5.7.606/"), "block list")

    def test_costs_twelve_questions_at_most_with_all_that_people_said(self):
        for number in range(30):
            make_comment(code("550"), f"Words {number}")
        make_comment(code("550"), "An answer", parent=Comment.objects.first())
        self.client.get("/codes/smtp/550/")
        with CaptureQueriesContext(connection) as asked:
            page = self.client.get("/codes/smtp/550/")
        self.assertContains(page, "Words 7")
        questions = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
        self.assertLessEqual(len(questions), 12)  # and no more, whatever a test's own transaction adds

    def test_names_the_articles_that_explain_it(self):
        make_article("About this code", cites=["559"])
        self.assertContains(self.client.get("/codes/smtp/559/"), "559")
        make_article("All about it", cites=["458"])
        self.assertContains(self.client.get("/codes/smtp/458/"), "All about it")

    def test_names_articles_for_each_of_its_records_once(self):
        general = code("X.7.4")
        Code.objects.create(
            registry=smtp(), value="5.7.4", kind="enhanced", label="Ours",
            subject=general.subject, code_class=smtp().classes.get(slug="5xx"),
        )  # fmt: skip
        make_article("About the whole", cites=["4.7.4"])
        make_article("About both", cites=["5.7.4"])
        page = self.client.get("/codes/smtp/5.7.4/")
        self.assertContains(page, "About the whole")
        self.assertContains(page, ">About both<", count=1)

    def test_names_no_articles_without_a_record(self):
        make_article("About nothing")
        self.assertContains(self.client.get("/codes/smtp/550/"), "Explained in")
        self.assertNotContains(self.client.get("/codes/smtp/5.7.606/"), "Explained in")

    def test_keeps_what_is_for_staff_from_everyone_else(self):
        self.assertNotContains(self.client.get("/codes/smtp/550/"), "Say to the customer")
        self.client.force_login(make_user("Agents"))
        self.assertContains(self.client.get("/codes/smtp/550/"), "Say to the customer")

    def test_is_missing_for_what_is_no_code(self):
        for value in ("999", "6.1.1", "abc", "5.1.1.1", "%00", "٥٥٠", "5.٧.1", "X.٧.1", "X.9.9", "5" * 500):
            with self.subTest(value=value):
                self.assertEqual(self.client.get(f"/codes/smtp/{value}/").status_code, 404)
        self.assertEqual(self.client.get("/codes/nothing/550/").status_code, 404)


class Shortcuts(TestCase):
    def test_lead_to_the_default_registry(self):
        for short, full in (
            ("/550", "/codes/smtp/550/"),
            ("/codes/550/", "/codes/smtp/550/"),
            ("/5.1.1", "/codes/smtp/5.1.1/"),
            ("/5xx/", "/codes/smtp/5xx/"),
        ):
            self.assertRedirects(self.client.get(short), full, status_code=301)

    def test_are_missing_for_what_is_no_code(self):
        for path in ("/999", "/55٠", "/5.٧.1", "/codes/999/", "/codes/abc/"):
            self.assertEqual(self.client.get(path).status_code, 404)


class OtherPages(TestCase):
    def test_class_lists_its_codes_in_order(self):
        page = self.client.get("/codes/smtp/4xx/").content.decode()
        places = [page.index(f'href="/codes/smtp/{value}/"') for value in ("421", "450", "459")]
        self.assertEqual(places, sorted(places))

    def test_registry_has_an_anchor_for_each_code(self):
        page = self.client.get("/codes/smtp/")
        for value in ("550", "X.1.1", "X.7"):
            self.assertContains(page, f'id="{value}"')

    def test_cause_and_provider_show_their_wordings(self):
        self.assertContains(self.client.get("/causes/mailbox-full/"), "over quota")
        self.assertContains(self.client.get("/providers/gmail/"), "gsmtp")

    def test_desk_card_holds_every_reply_code(self):
        page = self.client.get("/codes/smtp/card/")
        for value in ("211", "535", "556", "X.7.30"):
            self.assertContains(page, value)

    def test_refuse_post(self):
        for path in (
            "/",
            "/kb/",
            "/codes/",
            "/codes/smtp/",
            "/codes/smtp/550/",
            "/causes/mailbox-full/",
            "/providers/gmail/",
            "/search/",
        ):
            self.assertEqual(self.client.post(path).status_code, 405, path)
