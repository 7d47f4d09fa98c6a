from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from kb.comments.models import Comment, Report
from kb.desk.models import UNDO, Action
from kb.desk.moderation import moderate, undo
from kb.desk.tasks import KEPT, trim
from kb.jobs.models import Job, Mail
from kb.jobs.working import run_due
from tests.makers import make_article, make_comment, make_user


class Moderation(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.agent = make_user("Agents")
        cls.article = make_article()

    def setUp(self):
        Job.objects.all().delete()
        self.comment = make_comment(self.article, state="pending", email="anna@example.org")

    def do(self, what, *comments):
        numbers = [comment.pk for comment in comments or [self.comment]]
        return moderate(what, Comment.objects.filter(pk__in=numbers), by=self.agent)

    def report(self, comment, visitor="ben"):
        return Report.objects.create(comment=comment, visitor=visitor, reason="rude")

    def now(self, comment=None):
        return Comment.objects.get(pk=(comment or self.comment).pk)

    def later(self):
        run_due(timezone.now() + UNDO)

    def test_publishes_and_takes_for_spam(self):
        for what, state in (("publish", "published"), ("spam", "spam"), ("publish", "published")):
            self.assertEqual(len(self.do(what).before), 1)
            self.assertEqual(self.now().state, state)

    def test_changes_what_it_changes_and_no_more(self):
        other = make_comment(self.article, "Other")
        self.assertEqual(
            [row["comment"] for row in self.do("publish", self.comment, other).before], [self.comment.pk]
        )
        self.assertIsNone(self.do("publish", self.comment, other))
        self.assertIsNone(self.do("dismiss", self.comment))

    def test_tells_who_is_answered_only_when_it_can_no_longer_be_undone(self):
        self.do("publish")
        self.assertEqual(Mail.objects.count(), 0)
        self.later()
        self.assertEqual(Mail.objects.get().recipient, "anna@example.org")
        Mail.objects.all().delete()
        again = make_comment(
            self.article, "Once more", state="pending", email="cora@example.org", visitor="cora"
        )
        undo(self.do("publish", again))
        self.later()
        self.assertEqual((self.now(again).state, Mail.objects.count()), ("pending", 0))

    def test_deletes_the_words_when_it_can_no_longer_be_undone(self):
        self.do("delete")
        self.assertEqual((self.now().state, self.now().text), ("spam", "Words."))
        self.later()
        self.assertEqual((self.now().text, self.now().name, self.now().email), ("", "", ""))
        self.assertIsNotNone(self.now().deleted_at)

    def test_takes_a_deletion_back_in_time_and_not_later(self):
        action = self.do("delete")
        self.assertEqual(undo(action), 1)
        self.later()
        self.assertEqual((self.now().state, self.now().text), ("pending", "Words."))
        self.assertEqual(undo(action), 0)
        gone = self.do("delete")
        self.later()
        self.assertEqual(undo(gone), 0)

    def test_deletes_nothing_that_somebody_has_published_since(self):
        self.do("delete")
        self.do("publish")
        self.later()
        self.assertEqual((self.now().state, self.now().text), ("published", "Words."))

    def test_settles_reports_and_unsettles_them(self):
        published = make_comment(self.article, "Rude")
        for what in ("dismiss", "spam", "delete"):
            Report.objects.all().delete()
            report = self.report(published)
            action = self.do(what, published)
            report.refresh_from_db()
            self.assertEqual(report.settled_by, self.agent)
            self.assertFalse(Comment.objects.reported().exists())
            undo(action)
            self.assertEqual(Comment.objects.reported().get(), published)

    def test_accepts_a_workaround_and_takes_it_back(self):
        self.assertIsNone(self.do("accept"))  # it is not published
        self.do("publish")
        accepted = self.do("accept")
        self.assertEqual(self.now().accepted_by, self.agent)
        self.assertEqual(Comment.objects.accepted().get(), self.comment)
        self.assertIsNone(self.do("accept"))
        undo(accepted)
        self.assertIsNone(self.now().accepted_at)
        self.do("accept")
        undo(self.do("take-back"))
        self.assertEqual(self.now().accepted_by, self.agent)

    def test_keeps_no_spam_as_a_workaround(self):
        self.do("publish")
        self.do("accept")
        when = self.now().accepted_at
        action = self.do("spam")
        self.assertIsNone(self.now().accepted_at)
        undo(action)
        self.assertEqual((self.now().accepted_at, self.now().accepted_by), (when, self.agent))

    def test_undoes_only_what_nobody_has_changed_since(self):
        first = self.do("publish")
        self.do("spam")
        self.assertEqual((undo(first), self.now().state), (0, "spam"))

    def test_ends_what_may_be_undone_after_a_minute_and_for_others(self):
        action = self.do("publish")
        self.assertTrue(action.may_undo(self.agent))
        self.assertFalse(action.may_undo(make_user("Agents")))
        action.made_at -= UNDO
        self.assertFalse(action.may_undo(self.agent))

    def test_is_remembered_for_three_months(self):
        action = self.do("publish")
        trim()
        Action.objects.filter(pk=action.pk).update(made_at=timezone.now() - KEPT - timedelta(days=1))
        trim()
        self.assertEqual(Action.objects.count(), 0)
