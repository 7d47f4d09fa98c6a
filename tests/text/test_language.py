"""What a page says of its language holds for its words."""

import re
from contextlib import contextmanager
from unittest import mock

from django.db import OperationalError
from django.test import Client, TestCase, override_settings
from django.utils import translation

from kb.articles.models import Article
from tests.makers import code, make_comment, make_user

PUBLIC = (
    "/",
    "/kb/",
    "/kb/mailbox-full/",
    "/codes/smtp/550/",
    "/search/?q=full",
    "/contact/",
    "/account/login/",
)
LANGUAGES = ("de", "ar")
MONTHS_ELSEWHERE = ("Januar", "Dezember", "يناير", "ديسمبر")
OPENING = re.compile(r"<html lang=\"([^\"]*)\" dir=\"([^\"]*)\"", re.IGNORECASE)


class ThePage(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.comment = make_comment(code("550"))

    @contextmanager
    def speaking(self, language):
        """As a process is from its start."""
        with (
            self.subTest(language),
            override_settings(LANGUAGE_CODE=language),
            translation.override(language),
        ):
            yield

    def check(self, answer, status=200):
        html = answer.content.decode()
        self.assertEqual(answer.status_code, status, html[:200])
        said = OPENING.findall(html)
        self.assertEqual(said, [("en-gb", "ltr")], html[:300])
        for month in MONTHS_ELSEWHERE:
            self.assertNotIn(month, html)

    def test_says_english_while_its_words_are_english(self):
        for language in LANGUAGES:
            with self.speaking(language):
                for path in PUBLIC:
                    self.check(self.client.get(path))

    def test_says_so_where_something_went_wrong(self):
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        for language in LANGUAGES:
            with self.speaking(language):
                self.check(browser.get("/nothing/here/"), 404)
                self.check(browser.post("/ask/", headers={"sec_fetch_site": "cross-site"}), 403)
                self.check(browser.post("/account/login/"), 403)
                self.check(browser.get("/", headers={"host": "evil.example"}), 400)
                with mock.patch("kb.portal.views.codes.page", side_effect=ValueError), self.assertLogs():
                    self.check(browser.get("/causes/mailbox-full/"), 500)
                with (
                    mock.patch("kb.portal.views.codes.page", side_effect=OperationalError),
                    self.assertLogs(),
                ):
                    self.check(browser.get("/causes/mailbox-full/"), 503)

    def test_says_so_in_the_admin_and_at_the_desk(self):
        self.client.force_login(make_user("superuser"))
        article = Article.objects.first()
        for language in LANGUAGES:
            with self.speaking(language):
                for path in (
                    "/admin/",
                    "/admin/articles/article/",
                    f"/admin/articles/article/{article.pk}/change/",
                    "/desk/comments/",
                ):
                    answer = self.client.get(path)
                    self.check(answer)
                    for word in ("Speichern", "Abmelden", "حفظ"):
                        self.assertNotIn(word, answer.content.decode())

    def test_has_forms_that_speak_its_language(self):
        for language in LANGUAGES:
            with self.speaking(language):
                page = self.client.post("/account/login/", {"username": "anna", "password": ""})
                self.assertNotContains(page, "erforderlich")
                self.assertNotContains(page, "مطلوب")

    def test_leaves_the_language_as_it_was(self):
        with override_settings(LANGUAGE_CODE="de"), translation.override("de"):
            self.client.get("/")
            self.assertEqual(translation.get_language(), "de")

    @override_settings(LANGUAGE_CODE="en-us")
    def test_keeps_to_the_english_it_was_told(self):
        self.assertContains(self.client.get("/kb/"), '<html lang="en-us" dir="ltr">')
