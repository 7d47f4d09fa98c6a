from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from kb.articles import publishing
from kb.delivery.models import Views
from tests.makers import make_article, make_user


class MostReadThisWeek(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.articles = [make_article(f"Read {number}") for number in range(7)]
        today = timezone.localdate()
        for number, article in enumerate(cls.articles):
            Views.objects.add(today - timedelta(days=number % 3), {article.page_targets[0]: number + 1})
        Views.objects.add(today - timedelta(days=7), {cls.articles[0].page_targets[0]: 1000})

    def listed(self):
        return [article.text.title for article in self.client.get("/").context["most_read"]]

    def test_lists_five_the_most_read_first(self):
        self.assertEqual(self.listed(), ["Read 6", "Read 5", "Read 4", "Read 3", "Read 2"])
        self.assertContains(self.client.get("/"), "Most read this week")

    def test_shows_a_person_what_that_person_may_read(self):
        publishing.archive(self.articles[6])
        self.articles[5].audience = "customers"
        self.articles[5].save()
        self.assertEqual(self.listed(), ["Read 4", "Read 3", "Read 2", "Read 1", "Read 0"])
        self.client.force_login(make_user())
        self.assertEqual(self.listed()[0], "Read 5")

    def test_is_not_there_before_anything_was_read(self):
        Views.objects.all().delete()
        self.assertNotContains(self.client.get("/"), "Most read")

    def test_adds_to_what_others_have_counted(self):
        today, target = timezone.localdate(), self.articles[0].page_targets[0]
        Views.objects.add(today, {target: 2})
        self.assertEqual(Views.objects.get(day=today, target=target).count, 3)
