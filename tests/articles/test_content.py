"""The articles that ship: enough of them, of a sensible length, each with what a reader needs around it."""

import re

from django.contrib.auth.models import AnonymousUser
from django.test import TestCase

from kb.articles.models import Revision, Topic
from tests.codes.test_content import readable_part
from tests.reading_ease import flesch

NAMES_NO_CODE = {  # slug: why it need not name one
    "reading-full-headers": "headers stand in mail that arrived, and what arrived has no error code",
    "mail-lands-in-spam": "mail in the spam folder was accepted",
    "abuse-reports": "complaints come as mails of people, not as refusals",
    "backscatter": "it is about bounces of mail that somebody else sent, whatever their code",
}
PLAIN_ENOUGH = 55


class ShippedArticles(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.revisions = list(Revision.objects.readable_by(AnonymousUser()).select_related("article"))

    def test_are_forty_at_least(self):
        self.assertGreaterEqual(len(self.revisions), 40)

    def test_are_neither_stubs_nor_books(self):
        lengths = {
            revision.article.slug: len(re.sub(r"```.*?```", "", revision.body, flags=re.DOTALL).split())
            for revision in self.revisions
        }
        self.assertEqual({slug: words for slug, words in lengths.items() if not 250 <= words <= 900}, {})

    def test_have_summary_applies_to_keywords_source_and_review(self):
        for revision in self.revisions:
            with self.subTest(slug=revision.article.slug):
                for words in (
                    revision.summary,
                    revision.applies_to,
                    revision.keywords,
                    revision.article.source,
                ):
                    self.assertTrue(words)
                self.assertIsNotNone(revision.article.reviewed_on)

    def test_name_a_code_or_say_why_not(self):
        silent = {revision.article.slug for revision in self.revisions if not revision.codes.exists()}
        self.assertEqual(silent, set(NAMES_NO_CODE))

    def test_are_plain(self):
        hard = {
            revision.article.slug: round(ease)
            for revision in self.revisions
            if (
                ease := flesch(
                    readable_part(re.sub(r"<table.*?</table>", "", revision.html, flags=re.DOTALL))
                )
            )
            < PLAIN_ENOUGH
        }
        self.assertEqual(hard, {})

    def test_stand_in_topics_that_are_not_empty(self):
        for topic in Topic.objects.filter(children=None):
            self.assertTrue(topic.articles.exists() or topic.more_articles.exists(), topic.slug)
