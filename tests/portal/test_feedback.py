from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kb.articles.models import Article
from kb.feedback.models import Vote
from tests.makers import code, make_article, make_draft, make_user

CODE = "/codes/smtp/550/"
OURS = {"sec_fetch_site": "same-origin"}


def someone(group=None):
    """A browser of somebody in this group; of a stranger without one."""
    browser = Client(enforce_csrf_checks=True, headers=OURS)
    if group:
        browser.force_login(make_user(group))
    return browser


class TheRoutes(TestCase):
    """Each route × who asks × what may come of it."""

    @classmethod
    def setUpTestData(cls):
        cls.pages = [make_article().get_absolute_url(), CODE, "/codes/smtp/5.1.1/", "/codes/smtp/4.1.1/"]

    def people(self):
        return {group or "stranger": someone(group) for group in (None, "Agents", "Editors")}.items()

    def test_take_a_vote_from_anyone_and_lead_back_to_the_question(self):
        for page in self.pages:
            for name, browser in self.people():
                with self.subTest(page=page, who=name):
                    answer = browser.post(f"{page}vote/", {"useful": "yes"})
                    self.assertEqual((answer.status_code, answer["Location"]), (303, f"{page}#helpful"))
                    self.assertContains(browser.get(page), "You found it useful")

    def test_refuse_other_methods(self):
        for page in self.pages:
            for method in ("get", "head", "put", "delete"):
                with self.subTest(page=page, method=method):
                    self.assertEqual(getattr(self.client, method)(f"{page}vote/").status_code, 405)

    def test_refuse_posts_from_other_sites_in_words(self):
        for page in self.pages:
            for name, browser in self.people():
                with self.subTest(page=page, who=name):
                    answer = browser.post(
                        f"{page}vote/", {"useful": "no"}, headers={"sec_fetch_site": "cross-site"}
                    )
                    self.assertContains(answer, "sent from another site", status_code=403)
                    self.assertNotIn(settings.VISITOR_COOKIE_NAME, answer.cookies)
        self.assertEqual(Vote.objects.count(), 0)

    def test_are_missing_where_there_is_nothing_to_vote_on(self):
        for page in (
            "/kb/no-such-article/",
            "/codes/smtp/5.7.606/",
            "/codes/smtp/557/",
            "/codes/smtp/5xx/",
            "/codes/smtp/abc/",
            "/codes/nothing/550/",
        ):
            for name, browser in self.people():
                with self.subTest(page=page, who=name):
                    self.assertEqual(browser.post(f"{page}vote/", {"useful": "yes"}).status_code, 404)

    def test_show_hidden_articles_only_to_those_who_may_read_them(self):
        archived = make_article()
        Article.objects.filter(pk=archived.pk).update(state="archived")
        for article, staff in (
            (make_article(audience="agents"), 303),
            (make_article(audience="customers"), 303),
            (make_draft(), 404),  # readable, but its words are not out yet
            (make_article(at=timezone.now() + timedelta(hours=1)), 404),
            (archived, 404),
        ):
            for name, browser in self.people():
                with self.subTest(article=str(article), who=name):
                    answer = browser.post(f"{article.get_absolute_url()}vote/", {"useful": "yes"})
                    self.assertEqual(answer.status_code, 404 if name == "stranger" else staff)

    def test_refuse_what_makes_no_sense_beside_its_field(self):
        for page in self.pages:
            for fields, words in (
                ({}, "Choose Yes or No."),
                ({"useful": "perhaps"}, "Choose Yes or No."),
                ({"useful": "\x00"}, "Choose Yes or No."),
                ({"useful": "no", "reason": "because"}, "Choose one of these reasons"),
                ({"useful": "no", "reason": "wr\x00ng"}, "Choose one of these reasons"),
                ({"useful": "no", "text": "Half\x00way"}, "cannot be kept"),
                ({"useful": "no", "text": "long " * 250}, "That is 1249 characters. Shorten it to 1000"),
            ):
                with self.subTest(page=page, fields=str(fields)[:50]):
                    answer = someone().post(f"{page}vote/", fields)
                    self.assertContains(answer, words, status_code=422)
                    self.assertContains(answer, f'action="{page}vote/#helpful"', status_code=422)
                    self.assertEqual(answer["X-Robots-Tag"], "noindex")
        self.assertEqual(Vote.objects.count(), 0)

    def test_refuse_far_too_much_in_words(self):
        answer = someone().post(f"{CODE}vote/", {"useful": "no", "text": "x" * 11_000_000})
        self.assertContains(answer, "more than 10 MB", status_code=413)


class TheQuestion(TestCase):
    def setUp(self):
        self.browser = someone()
        self.page = make_article(slug="voted-on").get_absolute_url()

    def vote(self, page=None, **fields):
        return self.browser.post(f"{page or self.page}vote/", fields, follow=True)

    def test_stands_under_articles_and_registered_codes_only(self):
        for page, there in (
            (self.page, True),
            (CODE, True),
            ("/codes/smtp/5.7.606/", False),
            ("/codes/smtp/5xx/", False),
        ):
            self.assertEqual("data-helpful" in self.client.get(page).content.decode(), there, page)

    def test_asks_why_not_and_offers_help(self):
        page = self.vote(useful="no")
        for words in ("You did not find it useful", "It is out of date", "No personal details", "/contact/"):
            self.assertContains(page, words)

    def test_shows_a_visitor_what_they_said_and_nobody_else(self):
        page = self.vote(useful="no", reason="outdated", text="<b>The menu</b> moved.")
        self.assertContains(page, "You did not find it useful: it is out of date")
        self.assertContains(page, "&lt;b&gt;The menu&lt;/b&gt; moved.")
        other = self.client.get(self.page)
        self.assertNotContains(other, "You did not find it useful")
        self.assertNotContains(other, "The menu")

    def test_can_be_answered_anew(self):
        self.vote(useful="no", reason="wrong", text="Port 26")
        self.assertContains(self.vote(useful="yes"), "Change to No")
        self.assertEqual(Vote.objects.get().text, "")
        self.assertContains(self.vote(useful="no"), "Change to Yes")

    def test_keeps_a_text_that_could_not_be_taken(self):
        text = "Line\r\n" * 300
        self.assertContains(self.vote(useful="no", text=text), "Line\r\nLine", status_code=422)
        self.assertContains(self.vote(text="Unsaid yes or no"), "Unsaid yes or no", status_code=422)
        self.vote(useful="no", text="1234567\r\n" * 120)
        self.assertEqual(len(Vote.objects.get().text), 959)

    def test_shows_a_figure_from_three_votes_on(self):
        article = Article.objects.get(slug="voted-on")
        for number, visitor in enumerate(("anna", "ben", "carla"), 1):
            Vote.cast(article, useful=visitor != "ben", visitor=visitor)
            self.assertEqual(b"found this useful" in self.client.get(self.page).content, number >= 3)
        self.assertContains(self.client.get(self.page), "2 of 3 found this useful")

    def test_is_one_for_a_code_in_all_its_classes_and_says_so(self):
        page = self.vote("/codes/smtp/4.1.1/", useful="yes")
        self.assertEqual(page.request["PATH_INFO"], "/codes/smtp/4.1.1/")
        self.assertContains(page, "the same code in every class")
        self.assertContains(self.browser.get("/codes/smtp/5.1.1/"), "You found it useful")
        self.assertEqual(Vote.objects.get().code, code("X.1.1"))
        self.assertNotContains(self.client.get(CODE), "the same code in every class")

    def test_follows_an_article_to_its_new_address(self):
        Article.objects.get(slug="voted-on").delete()
        article = make_article(slug="old-place")
        article.slug = "new-place"
        article.save()
        answer = self.browser.post("/kb/old-place/vote/", {"useful": "yes"})
        self.assertEqual(answer["Location"], "/kb/new-place/#helpful")

    def test_makes_the_pages_of_a_voter_private(self):
        self.vote(useful="yes")
        for page in (self.page, CODE):
            answer = self.browser.get(page)
            self.assertIn("private", answer["Cache-Control"])
            self.assertIn("Cookie", answer["Vary"])
            self.assertNotIn("private", self.client.get(page).get("Cache-Control", ""))

    def test_takes_a_forged_cookie_for_a_stranger(self):
        self.vote(useful="yes")
        self.browser.cookies[settings.VISITOR_COOKIE_NAME] = Vote.objects.get().visitor
        self.assertNotContains(self.browser.get(self.page), "You found it useful")

    def test_costs_a_stranger_one_query_and_a_voter_two(self):
        before = self.queries(self.client)
        self.vote(useful="yes")
        self.assertEqual(self.queries(self.browser) - before, 1)

    def queries(self, browser):
        with CaptureQueriesContext(connection) as queries:
            browser.get(self.page)
        return sum("feedback_vote" in query["sql"] for query in queries)
