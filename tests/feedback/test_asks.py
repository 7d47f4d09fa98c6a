from datetime import timedelta
from unittest import mock

from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kb.feedback import queries, remembering
from kb.feedback.clusters import cluster_of
from kb.feedback.models import Ask
from kb.feedback.remembering import remember_error, remember_search, write_down
from kb.feedback.tasks import trim
from tests.makers import make_user

WELL, WEAK, NOTHING = Ask.Outcome.WELL, Ask.Outcome.WEAK, Ask.Outcome.NOTHING


class Remembering(TestCase):
    def setUp(self):
        remembering._waiting.clear()

    def rows(self):
        write_down()
        return {ask.skeleton: (ask.kind, ask.times, ask.outcome) for ask in Ask.objects.all()}

    def test_counts_the_same_once_each_time_with_its_last_answer(self):
        for outcome in (NOTHING, WEAK, WELL):
            remember_search("mailbox  full", outcome)
        self.assertEqual(self.rows(), {"mailbox full": ("search", 3, "well")})
        remember_search("mailbox full", NOTHING)
        self.assertEqual(self.rows(), {"mailbox full": ("search", 4, "nothing")})

    def test_masks_what_is_private(self):
        remember_search("why does anna.schmidt@example.com not answer", NOTHING)
        remember_error("550 5.7.999 no <bob@example.org> here at mx7.example.org [192.0.2.25]", WEAK)
        kept = " ".join(self.rows())
        for private in ("anna", "schmidt", "bob", "example", "mx7", "192.0.2.25"):
            self.assertNotIn(private, kept)
        self.assertIn("5.7.999", kept)

    def test_takes_no_long_search(self):
        remember_search("word " * 40, NOTHING)
        remember_search("word " * 40 + "w", NOTHING)
        self.assertEqual([row[1] for row in self.rows().values()], [1])

    def test_keeps_the_marks_of_who_spoke(self):
        remember_error("550 5.7.1 refused, see mx.google.example/7 - gsmtp", WEAK, marks=["gsmtp"])
        self.assertIn("gsmtp", next(iter(self.rows())))

    def test_cuts_what_is_long(self):
        remember_error("word " * 1000, WELL)
        self.assertEqual(len(next(iter(self.rows()))), 300)

    def test_asks_nothing_of_the_database_until_it_writes(self):
        with self.assertNumQueries(0):
            remember_search("mailbox full", WELL)
            remember_error("user unknown", WELL)
        write_down()
        with self.assertNumQueries(0):
            write_down()
        self.assertEqual(Ask.objects.count(), 2)

    def test_writes_many_in_one_transaction(self):
        for number in range(50):
            remember_search("word " + "abc"[number % 3] * number, WELL)
        with CaptureQueriesContext(connection) as queries:
            write_down()
        made = [query["sql"] for query in queries if query["sql"].startswith("INSERT")]
        self.assertEqual(len(made), 1)

    def test_keeps_no_more_in_memory_than_it_may(self):
        with mock.patch.object(remembering, "MOST_WAITING", 3):
            for words in ("aaa", "bbb", "ccc", "ddd", "aaa"):
                remember_search(words, WELL)
        self.assertEqual(
            {words: row[1] for words, row in self.rows().items()}, {"aaa": 2, "bbb": 1, "ccc": 1}
        )

    def test_spoils_no_answer_and_tells_nobody_what_was_asked(self):
        with (
            mock.patch.object(remembering, "skeleton", side_effect=ValueError("secret words")),
            self.assertLogs("kb.feedback", "ERROR") as logged,
        ):
            remember_search("secret words", WELL)
        self.assertNotIn("secret", logged.output[0])
        self.assertEqual(self.rows(), {})

    @override_settings(ASKS_KEPT_DAYS=0)
    def test_remembers_nothing_where_nothing_is_wanted(self):
        remember_search("mailbox full", WELL)
        remember_error("user unknown", WELL)
        self.assertEqual(self.rows(), {})

    def test_copes_with_anything(self):
        for text in ("\x00\ud800 quota", "٥٥٠", "(" * 200):
            remember_search(text, NOTHING)
        self.assertIn("quota", self.rows())

    def test_has_nothing_to_say_about_blank_lines(self):
        remember_search("  \n ", NOTHING)
        self.assertEqual(self.rows(), {})


class Forgetting(TestCase):
    def asked(self, words, *, days=0, times=1):
        day = timezone.localdate() - timedelta(days=days)
        Ask.objects.add({("search", words): (times, WELL)}, day)

    def kept(self):
        return set(Ask.objects.values_list("skeleton", flat=True))

    def test_goes_by_the_last_day_it_was_asked(self):
        self.asked("long ago", days=91)
        self.asked("just in time", days=90)
        self.asked("again and again", days=200)
        self.asked("again and again", days=3)
        trim()
        self.assertEqual(self.kept(), {"just in time", "again and again"})

    def test_leaves_the_commonest_where_there_are_too_many(self):
        for times, words in enumerate(("rare", "common", "very common"), 1):
            self.asked(words, times=times)
        with mock.patch.object(queries, "MOST_ASKS", 2):
            trim()
        self.assertEqual(self.kept(), {"common", "very common"})


class Clusters(TestCase):
    def test_put_together_what_says_the_same(self):
        for one, other in (
            ("mailbox is full", "Full mailboxes"),
            ("550 5.7.1 message rejected by policy", "554 5.7.1 your message is rejected by our policies"),
            ("550 <address> unknown user", "user unknown: <host>"),
        ):
            self.assertEqual(cluster_of(one), cluster_of(other))

    def test_keep_apart_what_does_not(self):
        self.assertNotEqual(cluster_of("mailbox full"), cluster_of("mailbox unknown"))
        self.assertNotEqual(cluster_of("5.7.999"), cluster_of("5.7.998"))


class TheList(TestCase):
    @classmethod
    def setUpTestData(cls):
        asked = {
            ("search", "mailbox full"): (2, WELL),
            ("search", "aliases explained"): (5, NOTHING),
            ("search", "explained aliases quickly"): (1, WEAK),
            ("search", "alias explanation"): (4, WEAK),
        }
        Ask.objects.add(asked, timezone.localdate())

    def page(self, group, **query):
        self.client.force_login(make_user(group, is_staff=True))
        return self.client.get("/admin/feedback/ask/", query)

    def test_puts_the_commonest_first_and_those_alike_together(self):
        asks = self.page("Editors").context["cl"].result_list
        self.assertEqual(
            [(ask.skeleton, ask.alike) for ask in asks],
            [
                ("aliases explained", 9),
                ("alias explanation", 9),
                ("mailbox full", 2),
                ("explained aliases quickly", 1),
            ],
        )

    def test_shows_the_gaps_alone(self):
        page = self.page("Editors", gaps="yes")
        self.assertContains(page, "aliases explained")
        self.assertNotContains(page, "mailbox full")

    def test_is_read_only(self):
        self.page("Admins")
        self.assertEqual(self.client.get("/admin/feedback/ask/add/").status_code, 403)
        ask = Ask.objects.first()
        self.client.post(f"/admin/feedback/ask/{ask.pk}/change/", {"skeleton": "changed"})
        self.assertFalse(Ask.objects.filter(skeleton="changed").exists())

    def test_is_for_editors(self):
        self.assertEqual(self.page("Agents").status_code, 302)
