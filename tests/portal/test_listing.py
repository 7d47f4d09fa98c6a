"""Which articles a list has is found out once after a change; who reads it is asked each time."""

from django.contrib.auth.models import AnonymousUser
from django.test import TestCase

from kb.articles.models import Article, Revision
from kb.codes.models import Cause
from kb.portal.listing import ArticlePaginator, articles_about
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
        return self.pages(user).get_page(1).articles

    def pages(self, user, a_page=3):
        pages = ArticlePaginator(["test", self.topic.pk, a_page], user, self.within(user))
        pages.per_page = a_page
        return pages

    def test_keeps_the_order_and_the_number(self):
        self.assertEqual(self.listed(self.stranger), self.articles[::-1])
        self.assertEqual(self.listed(self.customer), [self.hidden, *self.articles[:0:-1]])

    def test_is_found_out_once_until_an_article_changes(self):
        self.listed(self.stranger)
        with self.assertNumQueries(
            3
        ):  # whether anything changed, for the number and for the list, and the words
            self.listed(self.stranger)
        new = make_article("New", topic=self.topic)
        self.assertEqual(self.listed(self.stranger)[0], new)

    def test_leaves_out_what_was_hidden_without_a_word_to_the_change_log(self):
        self.listed(self.stranger)
        Article._base_manager.filter(pk=self.articles[0].pk).update(audience="agents")
        self.assertEqual(self.listed(self.stranger), self.articles[:0:-1])

    def test_counts_and_turns_pages(self):
        pages = self.pages(self.stranger, 2)
        self.assertEqual((pages.count, pages.num_pages), (3, 2))
        self.assertEqual([page.articles for page in pages], [self.articles[:0:-1], self.articles[:1]])

    def test_of_a_few_about_a_cause_is_remembered_for_each_audience(self):
        cause = Cause.objects.get(slug="mailbox-full")
        make_article("For customers", audience="customers", cites=["552"])
        theirs = articles_about(cause, self.customer, 50)
        ours = articles_about(cause, self.stranger, 50)
        self.assertEqual({article.shown.title for article in set(theirs) - set(ours)}, {"For customers"})
        with self.assertNumQueries(1):
            self.assertEqual(articles_about(cause, self.stranger, 50), ours)
