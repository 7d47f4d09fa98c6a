import json
from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase

from tests.makers import make_article


def said(*arguments):
    out = StringIO()
    call_command("search", *arguments, stdout=out)
    return out.getvalue()


class TheCommand(TestCase):
    def test_names_codes_and_pages(self):
        article = make_article("A psaltery")
        self.assertIn("Mailbox unavailable", said("550"))
        self.assertIn(f"A psaltery\n  {article.get_absolute_url()}", said("psaltery"))

    def test_prints_one_object(self):
        article = make_article("A psaltery")
        told = json.loads(said("psaltery 5.1.1", "--json"))
        self.assertEqual((told["query"], told["codes"]), ("psaltery 5.1.1", ["5.1.1"]))
        address = article.get_absolute_url()
        self.assertIn({"kind": "article", "title": "A psaltery", "url": address}, told["hits"])

    def test_finds_what_a_visitor_may_read_and_says_so_if_it_is_nothing(self):
        make_article("A psaltery", audience="agents")
        self.assertEqual(said('"psaltery"'), 'Nothing was found for “"psaltery"”.\n')

    def test_takes_words_without_quotes(self):
        told = json.loads(said("mailbox", "full", "--json"))
        self.assertEqual(told["query"], "mailbox full")
        self.assertIn("/causes/mailbox-full/", [hit["url"] for hit in told["hits"]])

    def test_needs_words(self):
        with self.assertRaisesMessage(CommandError, "WORDS"):
            said()
