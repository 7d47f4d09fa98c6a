"""Questions about a few articles look at a few, however many there are."""

from unittest import skipUnless

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import TestCase

from kb.articles.models import Article, Revision
from tests.makers import make_article, make_topic


@skipUnless(connection.vendor == "sqlite", "each database tells its plan in its own words")
class ManyArticles(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.topic = make_topic()
        cls.article = make_article(topic=cls.topic)
        cls.stranger = AnonymousUser()
        cls.readable = Revision.objects.readable_by(cls.stranger)

    def assertLooksAtFew(self, asked):
        self.assertNotIn("SCAN articles_", asked.explain())

    def test_finds_related_articles_by_their_links(self):
        self.assertLooksAtFew(self.readable.related_to(self.article))

    def test_finds_the_articles_of_a_topic_from_the_topic(self):
        self.assertLooksAtFew(self.readable.in_topic(self.topic))

    def test_knows_from_a_topic_whether_it_has_something_to_read(self):
        self.assertLooksAtFew(self.readable.in_topics(self.topic.with_those_below()))

    def test_finds_what_was_reviewed_last_by_its_index(self):
        self.assertLooksAtFew(self.readable.recently_reviewed(self.stranger, 5))
        latest = Article.objects.with_words().open_to(self.stranger).order_by("-reviewed_on", "pk")
        self.assertIn("article_reviewed_last", latest[:5].explain())

    def test_knows_whether_words_are_due_without_reading_them(self):
        self.assertIn("revision_due", Article.objects.visible_to(self.stranger).explain())
