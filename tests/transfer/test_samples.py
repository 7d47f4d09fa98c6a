from io import StringIO

from django.core.management import call_command
from django.test import TestCase

from kb.accounts.models import User
from kb.articles.models import Article
from kb.comments.models import Comment
from kb.transfer import samples
from tests.forms import opened


class TheSamples(TestCase):
    def test_stand_on_two_pages_with_an_answer_of_our_staff(self):
        call_command("demo", stdout=StringIO())
        for address in ("/kb/mailbox-full/", "/codes/smtp/550/"):
            page = self.client.get(address)
            self.assertContains(page, "Comments <span")
            self.assertContains(page, "Staff</span>")
            self.assertContains(page, "(2)")

    def test_are_added_once_and_only_to_pages_there_are(self):
        Article.objects.filter(slug="mailbox-full").update(state="draft")
        staff = User.objects.create_superuser("admin")
        for _ in range(2):
            samples.add(staff)
        self.assertEqual(Comment.objects.count(), 2)


class RemovingThem(TestCase):
    def setUp(self):
        call_command("demo", stdout=StringIO())

    def remove(self):
        out = StringIO()
        call_command("demo", remove=True, stdout=out)
        return out.getvalue()

    def test_takes_the_admin_along(self):
        said = self.remove()
        self.assertIn("Removed 4 sample comments and the demo admin.", said)
        self.assertIn("./codebook createsuperuser", said)
        self.assertEqual((Comment.objects.count(), User.objects.count()), (0, 0))
        for address in ("/kb/mailbox-full/", "/codes/smtp/550/"):
            self.assertNotContains(self.client.get(address), "Anna")
        self.assertEqual(self.remove(), "There are no samples here.\n")

    def test_leaves_an_admin_of_the_same_name_alone(self):
        User.objects.all().delete()
        User.objects.create_superuser("admin")
        self.assertIn("There is still a user “admin”", self.remove())
        self.assertEqual(User.objects.count(), 1)

    def test_leaves_what_people_answered(self):
        question = Comment.objects.get(name="Anna")
        answer = Comment.objects.get(parent=question)
        for parent in (question, answer):
            Comment.objects.create(
                article=question.article,
                parent=parent,
                thread=question,
                name="Eve",
                text="So do I",
                state="published",
                visitor="a" * 32,
            )
        self.remove()
        self.assertEqual(set(Comment.objects.filter(deleted_at=None).values_list("name", flat=True)), {"Eve"})
        page = self.client.get(question.article.get_absolute_url())
        self.assertContains(page, "So do I")
        self.assertNotContains(page, "Does the bin count")

    def test_follows_when_the_demo_admin_is_deleted_in_the_admin(self):
        samples.forget_orphaned()
        self.assertEqual(Comment.objects.count(), 4)
        self.client.force_login(User.objects.create_superuser("anna", password="a long one"))
        admin = User.objects.get(username="admin")
        address = f"/admin/accounts/user/{admin.pk}/delete/"
        self.client.post(address, opened(self.client, address))
        self.assertFalse(User.objects.filter(username="admin").exists())
        samples.forget_orphaned()
        self.assertEqual(Comment.objects.count(), 0)
