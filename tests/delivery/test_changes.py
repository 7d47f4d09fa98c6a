import threading
from datetime import timedelta
from unittest import skipUnless

from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from kb import delivery
from kb.articles import publishing
from kb.articles.models import Related
from kb.codes.models import Advice, Cause, Code, CodeCause, Provider, Wording
from kb.delivery.models import Change, told_together
from tests.makers import code, load_shipped, make_article, make_draft, make_topic, smtp


class Telling(TestCase):
    """What stands in the change log after an edit."""

    def setUp(self):
        Change.objects.all().delete()

    def told(self):
        return set(Change.objects.values_list("target", flat=True))

    def test_names_the_pages_of_a_code_and_the_lists_of_codes(self):
        code("550").save()
        self.assertEqual(self.told(), {"codes", "code:smtp/550"})

    def test_names_a_general_code_in_each_class(self):
        code("X.1.1").save()
        self.assertEqual(self.told(), {"codes", "code:smtp/2.1.1", "code:smtp/4.1.1", "code:smtp/5.1.1"})

    def test_names_what_advice_and_wordings_and_causes_stand_on(self):
        for row, target in (
            (Advice.objects.filter(code__value="550").first(), "code:smtp/550"),
            (Advice.objects.filter(cause__slug="mailbox-full").first(), "cause:mailbox-full"),
            (Wording.objects.filter(provider__slug="gmail").first(), "provider:gmail"),
            (Cause.objects.get(slug="mailbox-full"), "codes"),
            (CodeCause.objects.filter(code__value="552").first(), "code:smtp/552"),
        ):
            with self.subTest(row=str(row)):
                Change.objects.all().delete()
                row.save()
                self.assertIn(target, self.told())
                self.assertNotIn("*", self.told())

    def test_names_everything_for_what_frames_every_page(self):
        for row in (
            smtp(),
            smtp().classes.first(),
            smtp().subjects.first(),
            Provider.objects.first(),
            make_topic(),
        ):
            with self.subTest(row=str(row)):
                Change.objects.all().delete()
                row.save()
                self.assertEqual(self.told(), {"*"})

    def test_names_the_page_that_a_record_leaves(self):
        link = CodeCause.objects.filter(code__value="550").first()
        link.code = code("421")
        link.save()
        self.assertLessEqual({"code:smtp/550", "code:smtp/421"}, self.told())

    def test_names_the_page_of_what_was_deleted(self):
        Advice.objects.filter(code__value="550").first().delete()
        self.assertIn("code:smtp/550", self.told())

    def test_names_everything_for_a_write_of_many(self):
        for write in (
            lambda: Code.objects.filter(value="550").update(label="Another"),
            lambda: Advice.objects.filter(code__value="550").delete(),
            lambda: Cause.objects.bulk_create([Cause(slug="new", name="New")]),
            lambda: Cause.objects.bulk_update(Cause.objects.filter(slug="new"), ["name"]),
        ):
            Change.objects.all().delete()
            write()
            self.assertEqual(self.told(), {"*"})

    def test_says_nothing_twice_when_told_together(self):
        with told_together("article:1"):
            code("550").save()
            delivery.changed("codes", "*")
        self.assertEqual(list(Change.objects.values_list("target", flat=True)), ["article:1"])

    def test_says_nothing_where_nothing_was_done(self):
        with told_together():
            pass
        load_shipped()
        self.assertEqual(self.told(), set())

    def test_is_undone_with_its_transaction(self):
        with self.assertRaises(ValidationError), transaction.atomic():
            code("550").save()
            raise ValidationError("no")
        self.assertEqual(self.told(), set())


class TellingOfArticles(TestCase):
    def setUp(self):
        self.article = make_article("A page", cites=["550", "5.1.1"])
        self.other = make_article("Another")
        Related.objects.create(article=self.other, other=self.article)
        Change.objects.all().delete()

    def told(self):
        return set(Change.objects.values_list("target", flat=True))

    def test_names_its_page_the_lists_its_codes_and_who_leads_to_it(self):
        publishing.archive(self.article)
        self.assertEqual(
            self.told(),
            {
                "articles",
                f"article:{self.article.pk}",
                f"article:{self.other.pk}",
                "code:smtp/550",
                "code:smtp/2.1.1",
                "code:smtp/4.1.1",
                "code:smtp/5.1.1",
            },
        )

    def test_leaves_drafts_out(self):
        publishing.revise(self.article, words={"body": "Another text."})
        self.assertEqual(self.told(), set())

    def test_carries_the_moment_of_a_schedule(self):
        draft, moment = make_draft("Later"), timezone.now() + timedelta(hours=1)
        publishing.publish(draft, revision=draft.newest, at=moment)
        coming = Change.objects.to_come(timezone.now())
        self.assertLessEqual({f"article:{draft.pk}", "articles"}, {row.target for row in coming})
        self.assertEqual({row.at for row in coming}, {moment})

    def test_names_both_ends_of_a_hand_made_link(self):
        Related.objects.filter(article=self.other).first().delete()
        self.assertEqual(self.told(), {f"article:{self.other.pk}"})


@skipUnless(connection.vendor == "postgresql", "SQLite has one writer at a time, so its numbers cannot cross")
class TwoTransactionsAtOnce(TransactionTestCase):
    """One held open across another: whoever reads after each commit misses neither."""

    def _fixture_teardown(self):
        """Instead of emptying the tables, which others in this process copy."""
        Change.objects.filter(target__in=("slow", "quick")).delete()

    def test_are_numbered_in_the_order_of_their_commits(self):
        written, go_on = threading.Event(), threading.Event()

        def slow():
            with transaction.atomic():
                delivery.changed("slow")
                written.set()
                go_on.wait(10)
            connections.close_all()

        held_open = threading.Thread(target=slow)
        held_open.start()
        written.wait(10)
        delivery.changed("quick")
        seen = Change.objects.get(target="quick").n
        go_on.set()
        held_open.join()
        self.assertEqual([row.target for row in Change.objects.filter(n__gt=seen)], ["slow"])
