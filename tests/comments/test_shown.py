"""Strangers' pages follow what is said below them: each edit that they would see stands in the change log."""

from django.test import TestCase

from kb.comments import editing
from kb.comments.models import Closed, Comment
from kb.delivery.models import Change
from tests.makers import code, make_article, make_comment


class TheChangeLog(TestCase):
    def setUp(self):
        self.article = make_article()
        Change.objects.all().delete()

    def names(self, staff=False):
        names = Change.objects.values_list("target", flat=True)
        return {name for name in names if name.startswith("staff/") == staff}

    def test_notes_a_comment_that_readers_see(self):
        make_comment(self.article)
        self.assertEqual(self.names(), {f"article:{self.article.pk}"})

    def test_notes_comments_on_a_general_code_for_each_of_its_pages(self):
        make_comment(code("X.1.1"))
        self.assertEqual(self.names(), {"code:smtp/2.1.1", "code:smtp/4.1.1", "code:smtp/5.1.1"})

    def test_tells_staff_alone_of_what_waits(self):
        make_comment(self.article, state=Comment.State.PENDING)
        self.assertEqual(self.names(), set())
        self.assertEqual(self.names(staff=True), {f"staff/article:{self.article.pk}"})

    def test_notes_the_replies_that_go_with_one_that_waits(self):
        first = make_comment(self.article, state=Comment.State.PENDING)
        Change.objects.all().delete()
        first.delete()
        self.assertEqual(self.names(), {f"article:{self.article.pk}"})

    def test_notes_that_many_are_deleted(self):
        make_comment(self.article)
        Change.objects.all().delete()
        Comment.objects.all().delete()
        self.assertEqual(self.names(), {"*"})

    def test_notes_approval_deletion_and_what_is_taken_for_spam(self):
        comment = make_comment(self.article, state=Comment.State.PENDING)
        for act in (self.publish, self.take_for_spam, self.publish, editing.delete):
            Change.objects.all().delete()
            act(comment)
            self.assertEqual(self.names(), {f"article:{self.article.pk}"})

    def test_notes_the_end_of_the_discussion(self):
        Closed.objects.create(article=self.article)
        self.assertEqual(self.names(), {f"article:{self.article.pk}"})

    @staticmethod
    def publish(comment):
        comment.state = Comment.State.PUBLISHED
        comment.save(update_fields=["state"])

    @staticmethod
    def take_for_spam(comment):
        comment.state = Comment.State.SPAM
        comment.save(update_fields=["state"])
