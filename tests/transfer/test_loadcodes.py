from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, Topic
from kb.codes.models import Advice, Cause, Code
from kb.jobs.models import Job
from kb.transfer.fixtures import Entry, FixtureError
from kb.transfer.merging import merge
from tests.makers import code, smtp


def entry(model, key, **fields):
    return Entry(model, key, fields, "test.yaml")


def cause(**fields):
    return entry(
        "codes.cause", "test-cause", **{"slug": "test-cause", "name": "Test", "meaning": "First.", **fields}
    )


def article(**fields):
    return entry(
        "articles.article",
        "test-article",
        **{
            "slug": "test-article",
            "topic": ["understanding-mail-errors"],
            "title": "Test",
            "body": "First.",
            **fields,
        },
    )


class MergeARecord(TestCase):
    def setUp(self):
        merge([cause()])
        self.row = Cause.objects.get(key="test-cause")

    def edit(self, **fields):
        for name, value in fields.items():
            setattr(self.row, name, value)
        self.row.save()

    def test_adds_what_is_new(self):
        self.assertEqual((self.row.name, self.row.meaning), ("Test", "First."))

    def test_changes_nothing_the_second_time(self):
        self.assertFalse(merge([cause()]).changed)
        self.assertEqual(self.row.history.count(), 1)

    def test_updates_what_nobody_touched(self):
        report = merge([cause(meaning="Second.")])
        self.row.refresh_from_db()
        self.assertEqual((self.row.meaning, report.updated), ("Second.", ["test-cause"]))

    def test_keeps_a_local_edit_when_nothing_new_ships(self):
        self.edit(meaning="Ours.")
        report = merge([cause()])
        self.row.refresh_from_db()
        self.assertEqual((self.row.meaning, report.kept), ("Ours.", ["test-cause meaning"]))

    def test_merges_field_by_field(self):
        self.edit(meaning="Ours.")
        merge([cause(name="New name")])
        self.row.refresh_from_db()
        self.assertEqual((self.row.meaning, self.row.name), ("Ours.", "New name"))

    def test_keeps_the_local_words_in_a_conflict_and_says_so_each_time(self):
        self.edit(meaning="Ours.")
        for _ in range(2):
            report = merge([cause(meaning="Second.")])
            self.row.refresh_from_db()
            self.assertEqual((self.row.meaning, report.conflicts), ("Ours.", ["test-cause meaning"]))

    def test_takes_the_shipped_words_when_told(self):
        self.edit(meaning="Ours.")
        merge([cause(meaning="Second.")], take="shipped")
        self.row.refresh_from_db()
        self.assertEqual(self.row.meaning, "Second.")
        self.assertFalse(merge([cause(meaning="Second.")]).conflicts)

    def test_settles_for_the_local_words_when_told(self):
        self.edit(meaning="Ours.")
        merge([cause(meaning="Second.")], take="local")
        report = merge([cause(meaning="Second.")])
        self.row.refresh_from_db()
        self.assertEqual(
            (self.row.meaning, report.conflicts, report.kept), ("Ours.", [], ["test-cause meaning"])
        )

    def test_leaves_deleted_what_an_admin_deleted(self):
        self.row.delete()
        report = merge([cause(meaning="Second.")])
        self.assertFalse(Cause.objects.filter(key="test-cause").exists())
        self.assertEqual(report.deleted, ["test-cause"])

    def test_clears_a_field_that_no_longer_ships(self):
        merge([entry("codes.cause", "test-cause", slug="test-cause", name="Test")])
        self.row.refresh_from_db()
        self.assertEqual(self.row.meaning, "")

    def test_follows_a_renamed_address_by_its_key(self):
        self.edit(slug="renamed-here")
        merge([cause(name="New name")])
        self.row.refresh_from_db()
        self.assertEqual((self.row.slug, self.row.name), ("renamed-here", "New name"))

    def test_takes_over_a_record_made_here_instead_of_doubling_it(self):
        Cause.objects.create(slug="made-here", name="Ours")
        report = merge([entry("codes.cause", "made-here", slug="made-here", name="Theirs")])
        self.assertEqual(Cause.objects.get(slug="made-here").name, "Ours")
        self.assertEqual(report.conflicts, ["made-here name"])

    def test_changes_nothing_in_a_dry_run(self):
        report = merge([cause(meaning="Second.")], dry_run=True)
        self.row.refresh_from_db()
        self.assertEqual((self.row.meaning, report.updated), ("First.", ["test-cause"]))

    def test_loads_nothing_when_one_entry_is_wrong(self):
        for wrong in (
            entry("codes.cause", "x", slug="x", name="X", colour="red"),
            entry("codes.advice", "x", cause=["nobody"], role="sender", text="Words."),
            entry("codes.code", "x", registry=["nowhere"], value="599", label="X"),
        ):
            with self.assertRaises(FixtureError) as caught:
                merge([cause(meaning="Second."), wrong])
            self.assertIn("test.yaml, x", str(caught.exception))
            self.row.refresh_from_db()
            self.assertEqual(self.row.meaning, "First.")


class AnEditedDatabase(TestCase):
    """What does not fit what stands here is left out and said; it never stops an upgrade."""

    def advice(self, slug="test-cause"):
        return entry("codes.advice", "new-advice", cause=[slug], role="sender", text="Words.")

    def test_leaves_out_what_belongs_to_a_deleted_record(self):
        merge([cause()])
        Cause.objects.get(key="test-cause").delete()
        report = merge([cause(), self.advice(), entry("codes.cause", "other", slug="other", name="Other")])
        self.assertEqual(report.added, ["other"])
        self.assertIn("test-cause, which was deleted here", report.left_out[0])

    def test_finds_a_record_made_again_by_hand(self):
        merge([cause()])
        Cause.objects.get(key="test-cause").delete()
        again = Cause.objects.create(slug="test-cause", name="Ours")
        merge([cause(), self.advice()])
        self.assertEqual(again.advice.get().text, "Words.")

    def test_drops_deleted_records_from_lists(self):
        merge([cause()])
        Cause.objects.get(key="test-cause").delete()
        merge([MergeOrderedCauses().entry("mailbox-full", "test-cause")])
        self.assertEqual([link.cause.slug for link in code("599").code_causes.all()], ["mailbox-full"])

    def test_leaves_out_what_clashes_with_a_local_record(self):
        merge([cause()])
        Cause.objects.filter(key="test-cause").update(slug="taken")
        report = merge([cause(), entry("codes.cause", "other", slug="taken", name="Other")])
        self.assertEqual((report.added, len(report.left_out)), ([], 1))

    def test_ignores_a_field_that_is_no_more(self):
        merge([cause()])
        Cause.objects.filter(key="test-cause").update(
            shipped={"slug": "test-cause", "name": "Test", "colour": "red"}
        )
        self.assertEqual(merge([cause()]).left_out, [])

    def test_tells_records_of_different_models_apart(self):
        merge([article()])
        row = Article.objects.get(key="test-article")
        row.also_in.set(Topic.objects.filter(slug="sending-mail"))
        merge(
            [article(also_in=[]), entry("codes.cause", "test-article", slug="test-article", name="Same key")]
        )
        self.assertEqual([topic.slug for topic in row.also_in.all()], ["sending-mail"])

    def test_keeps_what_an_editor_wrote_on_a_link(self):
        merge([article(related=[["mailbox-full"]])])
        links = Article.objects.get(key="test-article").related_links
        links.update(why="Ours.")
        merge([article(related=[["mailbox-full"], ["how-to-read-a-bounce"]])])
        self.assertEqual([link.why for link in links.all()], ["Ours.", ""])


class MergeOrderedCauses(TestCase):
    def entry(self, *causes):
        return entry(
            "codes.code",
            "smtp/599",
            registry=["smtp"],
            code_class=["smtp", "5xx"],
            kind="reply",
            value="599",
            label="Test",
            causes=[[slug] for slug in causes],
        )

    def causes(self):
        return [link.cause.slug for link in code("599").code_causes.all()]

    def test_keeps_their_order(self):
        merge([self.entry("mailbox-full", "unknown-user", "dmarc")])
        self.assertEqual(self.causes(), ["mailbox-full", "unknown-user", "dmarc"])

    def test_merges_them_as_one(self):
        merge([self.entry("mailbox-full", "unknown-user")])
        merge([self.entry("unknown-user", "mailbox-full")])
        self.assertEqual(self.causes(), ["unknown-user", "mailbox-full"])

    def test_keeps_a_local_order(self):
        merge([self.entry("mailbox-full", "unknown-user")])
        code("599").code_causes.filter(cause__slug="unknown-user").delete()
        report = merge([self.entry("mailbox-full", "unknown-user", "dmarc")])
        self.assertEqual(self.causes(), ["mailbox-full"])
        self.assertEqual(report.conflicts, ["smtp/599 causes"])

    def test_enters_the_causes_in_the_first_line_of_history(self):
        merge([self.entry("mailbox-full", "dmarc")])
        first = code("599").history.get()
        self.assertEqual({link.cause.slug for link in first.causes.all()}, {"mailbox-full", "dmarc"})


class MergeAnArticle(TestCase):
    def setUp(self):
        merge([article()])

    @property
    def row(self):
        return Article.objects.get(key="test-article")

    def test_publishes_a_new_one(self):
        self.assertEqual((self.row.state, self.row.shown.title), ("published", "Test"))

    def test_changes_nothing_the_second_time(self):
        self.assertFalse(merge([article()]).changed)
        self.assertEqual(self.row.revisions.count(), 1)

    def test_publishes_an_update_where_nobody_touched_the_words(self):
        merge([article(body="Second.")])
        self.assertEqual(self.row.shown.body, "Second.")

    def test_lets_an_update_wait_as_a_draft_where_somebody_did(self):
        revision = publishing.revise(self.row, words={"title": "Ours"})
        publishing.publish(self.row, revision=revision)
        report = merge([article(body="Second.")])
        self.assertEqual((self.row.shown.title, self.row.shown.body), ("Ours", "First."))
        self.assertEqual((self.row.newest.title, self.row.newest.body), ("Ours", "Second."))
        self.assertEqual(report.drafts, ["test-article"])
        self.assertFalse(merge([article(body="Second.")]).changed)

    def test_never_publishes_over_local_words_whatever_ships_after(self):
        revision = publishing.revise(self.row, words={"body": "Ours."})
        publishing.publish(self.row, revision=revision)
        for words in ("Second.", "Third."):
            merge([article(body=words)])
            self.assertEqual(self.row.shown.body, "Ours.")

    def test_lets_an_update_wait_while_an_editor_has_a_draft(self):
        publishing.revise(self.row, words={"body": "Half written"})
        merge([article(body="Second.")])
        self.assertEqual(self.row.shown.body, "First.")

    def test_lets_an_update_wait_beside_what_is_scheduled(self):
        ours = publishing.revise(self.row, words={"title": "Scheduled"})
        publishing.publish(self.row, revision=ours, at=timezone.now() + timedelta(days=1))
        report = merge([article(body="Second.")])
        self.assertEqual((self.row.shown.body, report.drafts), ("First.", ["test-article"]))
        self.assertEqual([its.title for its in self.row.revisions.waiting()], ["Scheduled"])
        self.assertEqual([its.body for its in self.row.revisions.drafts()], ["Second."])

    def test_keeps_what_a_draft_changes_of_the_article(self):
        publishing.revise(self.row, words={"title": "Ours"}, placement={"audience": "agents"})
        merge([article(body="Second.")])
        [draft] = self.row.revisions.drafts()
        self.assertEqual((draft.title, draft.body), ("Ours", "Second."))
        self.assertEqual((draft.placement, self.row.audience), ({"audience": "agents"}, "public"))

    def test_publishes_nothing_unfinished_even_when_the_shipped_side_wins(self):
        publishing.revise(self.row, words={"title": "Half written"})
        merge([article(body="Second.")], take="shipped")
        self.assertEqual((self.row.shown.title, self.row.shown.body), ("Test", "Second."))
        self.assertEqual([its.title for its in self.row.revisions.drafts()], ["Half written"])

    def test_opens_no_waiting_words_for_few_when_the_shipped_audience_is_wider(self):
        merge([article(audience="agents")])
        ours = publishing.revise(self.row, words={"title": "Secret"})
        publishing.publish(self.row, revision=ours, at=timezone.now() + timedelta(days=1))
        merge([article(audience="public")])
        self.assertEqual(self.row.revisions.waiting().get().placement, {"audience": "agents"})
        self.assertTrue(Job.objects.filter(name="go_live", key=str(self.row.pk)).exists())

    def test_takes_the_shipped_words_only_where_both_changed(self):
        publishing.publish(self.row, revision=publishing.revise(self.row, words={"body": "Ours."}))
        merge([article(title="Shipped title")], take="shipped")
        self.assertEqual((self.row.shown.title, self.row.shown.body), ("Shipped title", "Ours."))

    def test_opens_nothing_that_was_taken_back(self):
        publishing.take_back(self.row)
        merge([article(body="Second.")], take="shipped")
        self.assertEqual((self.row.state, self.row.newest.body), ("draft", "Second."))

    def test_does_not_publish_what_an_editor_took_back(self):
        Article.objects.filter(key="test-article").update(state="draft")
        merge([article(body="Second.")])
        self.assertEqual(self.row.state, "draft")


class TheCommand(TestCase):
    def run_it(self, *options):
        out = StringIO()
        call_command("loadcodes", *options, stdout=out)
        return out.getvalue()

    def test_says_that_nothing_changed(self):
        self.assertEqual(self.run_it(), "added 0 · updated 0 · kept 0 local edits · nothing in conflict\n")

    def test_names_the_local_edit_it_kept(self):
        record = code("550")
        record.meaning = "Ours."
        record.save()
        self.assertIn("kept 1 local edit (smtp/550 meaning)", self.run_it())

    def test_says_what_would_happen(self):
        self.assertIn("would be: added 0", self.run_it("--dry-run"))


class WhatIsShipped(TestCase):
    def test_is_complete(self):
        codes = Code.objects.filter(registry=smtp())
        self.assertEqual(codes.replies().count(), 44)
        self.assertEqual(codes.enhanced().count(), 81)
        self.assertEqual(smtp().classes.count(), 4)
        self.assertEqual(smtp().subjects.count(), 8)
        self.assertEqual(Cause.objects.count(), 30)

    def test_gives_every_failure_a_cause(self):
        failures = Code.objects.filter(registry=smtp(), code_class__outcome__in=["transient", "permanent"])
        self.assertEqual([str(code) for code in failures.filter(causes=None)], [])

    def test_names_a_source_for_everything(self):
        for model in (Code, Cause, Advice):
            self.assertEqual([str(row) for row in model.objects.filter(source="")], [], model.__name__)
