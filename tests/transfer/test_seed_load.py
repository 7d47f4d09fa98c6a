from io import StringIO

from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.test import TestCase

from kb.articles.models import Article, Revision
from kb.search.find import find
from kb.transfer.made_up import MARK
from tests.makers import make_article


def seed(**options):
    call_command("seed_load", stdout=(out := StringIO()), **options)
    return out.getvalue()


class MadeUpArticles(TestCase):
    def test_are_published_found_and_the_same_each_time(self):
        self.assertEqual(seed(articles=12), "Made 12 articles.\n")
        made = Revision.objects.published().filter(article__slug__startswith=MARK)
        first = list(made.order_by("pk").values_list("title", "plain"))
        self.assertEqual(len(first), 12)
        title = first[0][0]
        self.assertIn(title, [hit.title for hit in find(title, user=AnonymousUser()).hits])
        Article.objects.filter(slug__startswith=MARK).delete()
        seed(articles=12)
        self.assertEqual(list(made.order_by("pk").values_list("title", "plain")), first)

    def test_are_made_once(self):
        seed(articles=1)
        with self.assertRaisesMessage(CommandError, "made-up articles here already"):
            seed(articles=1)

    def test_stand_among_those_of_people_only_if_meant(self):
        make_article("Written by hand")
        with self.assertRaisesMessage(CommandError, "People have written"):
            seed(articles=1)
        self.assertEqual(seed(articles=1, among_others=True), "Made 1 articles.\n")

    def test_refuses_none(self):
        with self.assertRaisesMessage(CommandError, "Say how many articles"):
            seed(articles=0)
