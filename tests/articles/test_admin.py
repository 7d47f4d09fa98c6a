from datetime import timedelta

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, Related, Revision
from tests.forms import EditorClient
from tests.makers import make_article, make_draft, make_picture, make_topic, make_user


class Forms(TestCase):
    client_class = EditorClient

    def setUp(self):
        self.client.force_login(make_user("Editors"))
        self.topic = make_topic()

    def save(self, article=None, related=(), **fields):
        data = {
            "title": "T",
            "body": "B",
            "topic": self.topic.pk,
            "audience": "public",
            "state": "draft",
            "slug": article.slug if article else "",
            "related_links-TOTAL_FORMS": len(related),
            "related_links-INITIAL_FORMS": 0,
        }
        for number, other in enumerate(related):
            data |= {f"related_links-{number}-other": other.pk, f"related_links-{number}-position": 0}
        place = f"{article.pk}/change" if article else "add"
        return self.client.post(f"/admin/articles/article/{place}/", {**data, **fields}, follow=True)

    def test_ask_for_an_address_name_where_none_can_be_made(self):
        self.assertContains(self.save(title="日本語"), "Write an address name")
        self.assertContains(self.save(title="日本語", slug="nihongo"), "was added successfully")

    def test_refuse_an_article_related_to_itself_or_twice(self):
        article, other = make_draft(), make_article("Other")
        self.assertContains(self.save(article, [article]), "cannot be related to itself")
        self.assertContains(self.save(article, [other, other]), "twice")
        self.assertContains(self.save(None, [other, other]), "twice")
        self.assertEqual(Related.objects.filter(article=article).count(), 0)
        self.assertContains(self.save(article, [other]), "was changed successfully")

    def test_name_the_words_that_were_just_published(self):
        article = make_article("Old")
        self.assertContains(
            self.save(article, title="Quite new", _publish="yes"), ">Quite new</a>” was changed"
        )

    def test_say_that_a_draft_has_no_moment(self):
        moment = {"publish_at_0": "2030-01-01", "publish_at_1": "12:00"}
        self.assertContains(self.save(make_draft(), **moment), "only with “Save and publish”")
        self.assertNotContains(self.save(make_draft(), **moment, _publish="yes"), "only with “Save")

    def test_offer_staff_as_owners(self):
        agent, customer = make_user("Agents"), make_user("Customers")
        page = self.client.get(f"/admin/articles/article/{make_draft().pk}/change/")
        for name in ("owner", "reviewed_by"):
            people = page.context["adminform"].form.fields[name].queryset
            self.assertIn(agent, people)
            self.assertNotIn(customer, people)
            self.assertNotContains(page, f'data-field-name="{name}"')
        article = make_draft()
        self.save(article, owner=agent.pk)
        self.assertEqual(Article.objects.get(pk=article.pk).owner, agent)


class OtherForms(TestCase):
    """Django takes a template of the app's name for all of its models, so none may have that name."""

    def setUp(self):
        self.client.force_login(make_user("Editors"))

    def test_of_the_same_app_offer_to_save_and_nothing_to_publish(self):
        topic, picture = make_topic(), make_picture()
        for address in (
            "/admin/articles/topic/add/",
            f"/admin/articles/topic/{topic.pk}/change/",
            "/admin/articles/tag/add/",
            f"/admin/articles/picture/{picture.pk}/change/",
        ):
            with self.subTest(address):
                page = self.client.get(address)
                self.assertContains(page, 'value="Save"')
                self.assertNotContains(page, "_publish")
                self.assertNotContains(page, "Save as draft")


class Lists(TestCase):
    def test_cost_the_same_for_few_and_many_and_load_no_bodies(self):
        self.client.force_login(make_user("Editors"))
        for address in (
            "/admin/articles/article/?q=Listed",
            "/admin/autocomplete/?term=Listed&app_label=articles&model_name=related&field_name=other",
        ):
            make_article("Listed")
            with self.subTest(address=address), CaptureQueriesContext(connection) as few:
                self.assertContains(self.client.get(address), "Listed")
            for _ in range(5):
                make_article("Listed")
            with self.assertNumQueries(len(few)) as many:
                self.client.get(address)
            self.assertNotIn('"body"', str(many.captured_queries))

    def test_let_only_those_publish_who_may_change(self):
        reader = make_user("Editors")
        reader.groups.get().permissions.remove(*Permission.objects.filter(codename="change_article"))
        self.client.force_login(reader)
        article = make_draft()
        self.client.post(
            "/admin/articles/article/", {"action": "publish_newest", "_selected_action": article.pk}
        )
        self.assertEqual(Article.objects.get(pk=article.pk).state, "draft")


class History(TestCase):
    def test_of_nothing_is_no_page(self):
        self.client.force_login(make_user("Editors"))
        gone = make_draft()
        pk = gone.pk
        gone.delete()
        for which in (pk, 99999, "abc"):
            for page in ("history/", "history/1/", "history/abc/"):
                reply = self.client.get(f"/admin/articles/article/{which}/{page}")
                self.assertRedirects(reply, "/admin/")


class Scheduling(TestCase):
    def test_moves_the_moment_that_has_not_come(self):
        article, later = make_draft(), timezone.now() + timedelta(days=2)
        revision = article.newest
        publishing.publish(article, revision=revision, at=later)
        publishing.publish(article, revision=revision, at=later + timedelta(days=1))
        self.assertEqual(Revision.objects.get(pk=revision.pk).publish_at, later + timedelta(days=1))
        publishing.publish(article, revision=revision)
        shown = Article.objects.get(pk=article.pk).shown
        self.assertEqual(shown, revision)
        publishing.publish(article, revision=shown, at=later)
        self.assertEqual(Article.objects.get(pk=article.pk).shown.publish_at, shown.publish_at)
