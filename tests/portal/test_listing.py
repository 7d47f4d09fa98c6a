"""Which articles a list has is found out once after a change; who reads it is asked each time."""

from django.contrib.auth.models import AnonymousUser
from django.test import TestCase

from kb.articles.models import Article, Revision
from kb.portal.listing import ArticlePaginator, first_articles
from tests.makers import make_article, make_topic, make_user


class Lists(TestCase):
    def setUp(self):
        self.topic = make_topic()
        self.articles = [make_article(f"Number {n}", topic=self.topic) for n in range(3)]
        self.hidden = make_article("Hidden", topic=self.topic, audience="customers")
        self.stranger, self.customer = AnonymousUser(), make_user()

    def within(self, user):
        return Revision.objects.readable_by(user).in_topic(self.topic).order_by("-article")

    def listed(self, user):
        return first_articles(["test", self.topic.pk], user, self.within(user), 3)

    def test_keeps_the_order_and_the_number(self):
        self.assertEqual(self.listed(self.stranger), self.articles[::-1])
        self.assertEqual(self.listed(self.customer), [self.hidden, *self.articles[:0:-1]])

    def test_is_found_out_once_until_an_article_changes(self):
        self.listed(self.stranger)
        with self.assertNumQueries(2):  # whether anything changed, and the words
            self.listed(self.stranger)
        new = make_article("New", topic=self.topic)
        self.assertEqual(self.listed(self.stranger)[0], new)

    def test_leaves_out_what_was_hidden_without_a_word_to_the_change_log(self):
        self.listed(self.stranger)
        Article._base_manager.filter(pk=self.articles[0].pk).update(audience="agents")
        self.assertEqual(self.listed(self.stranger), self.articles[:0:-1])

    def test_counts_and_turns_pages(self):
        pages = ArticlePaginator(["test", self.topic.pk], self.stranger, self.within(self.stranger))
        pages.per_page = 2
        self.assertEqual((pages.count, pages.num_pages), (3, 2))
        self.assertEqual([page.articles for page in pages], [self.articles[:0:-1], self.articles[:1]])
