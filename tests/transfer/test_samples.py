from io import StringIO

from django.core.management import call_command
from django.test import TestCase

from kb.accounts.models import User
from kb.articles.models import Article
from kb.comments.models import Comment
from kb.transfer import samples


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
