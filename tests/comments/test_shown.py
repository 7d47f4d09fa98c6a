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

    def names(self):
        return set(Change.objects.values_list("target", flat=True))

    def test_notes_a_comment_that_readers_see(self):
        make_comment(self.article)
        self.assertEqual(self.names(), {f"article:{self.article.pk}"})

    def test_notes_comments_on_a_general_code_for_each_of_its_pages(self):
        make_comment(code("X.1.1"))
        self.assertEqual(self.names(), {"code:smtp/2.1.1", "code:smtp/4.1.1", "code:smtp/5.1.1"})

    def test_is_silent_about_what_waits(self):
        make_comment(self.article, state=Comment.State.PENDING)
        self.assertEqual(self.names(), set())

    def test_notes_approval_and_deletion(self):
        comment = make_comment(self.article, state=Comment.State.PENDING)
        for act in (self.publish, editing.delete):
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
