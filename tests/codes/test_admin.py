from django.contrib import admin
from django.test import TestCase
from django.urls import reverse

from kb.articles.models import Article
from kb.codes.models import Advice, Cause, Code, Wording
from tests.makers import code, make_article, make_user

OURS = {"codes", "articles"}


class EveryRecord(TestCase):
    def test_can_be_listed_searched_made_and_changed_by_an_editor(self):
        self.client.force_login(make_user("Editors"))
        make_article()
        models = [model for model in admin.site._registry if model._meta.app_label in OURS]
        self.assertGreaterEqual(len(models), 11)
        for model in models:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            row = model.objects.first()
            addresses = [
                reverse(f"{name}_changelist"),
                reverse(f"{name}_changelist") + "?q=550",
                reverse(f"{name}_add"),
            ]
            if row:
                addresses += [
                    reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history", "delete")
                ]
            for address in addresses:
                with self.subTest(address=address):
                    self.assertEqual(self.client.get(address).status_code, 200)

    def test_is_closed_to_agents(self):
        self.client.force_login(make_user("Agents"))
        for address in (
            "/admin/codes/code/",
            f"/admin/codes/code/{code('550').pk}/change/",
            "/admin/codes/code/preview/",
        ):
            self.assertEqual(self.client.get(address, follow=True).status_code, 403)


class Forms(TestCase):
    def setUp(self):
        self.client.force_login(make_user("Editors"))

    def post(self, address, **fields):
        """Send the form of this address with these fields changed."""
        page = self.client.get(address)
        form = page.context["adminform"].form
        data = {
            form.add_prefix(name): "" if (value := form.get_initial_for_field(field, name)) is None else value
            for name, field in form.fields.items()
        }
        data = {
            name: [getattr(row, "pk", row) for row in value] if isinstance(value, list) else value
            for name, value in data.items()
        }
        for formset in page.context["inline_admin_formsets"]:
            prefix = formset.formset.prefix
            data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
        return self.client.post(
            address, {**{name: value for name, value in data.items() if value is not False}, **fields}
        )

    def test_say_what_is_wrong_and_keep_what_was_typed(self):
        address = f"/admin/codes/code/{code('550').pk}/change/"
        page = self.post(address, code_class=code("450").code_class.pk, label="Typed here")
        self.assertContains(page, "550 cannot sit in class 4xx")
        self.assertContains(page, "Typed here")
        self.assertEqual(code("550").label, "Mailbox unavailable")

    def test_refuse_a_marker_without_a_record(self):
        article = make_article()
        page = self.post(
            f"/admin/articles/article/{article.pk}/change/", body="Long words.\n\n[[codes smtp 9xx]]"
        )
        self.assertContains(page, "There is no record for [[codes smtp 9xx]]")
        self.assertContains(page, "Long words.")
        self.assertEqual(article.revisions.count(), 1)

    def test_refuse_text_that_would_stall_the_site(self):
        page = self.post(f"/admin/articles/article/{make_article().pk}/change/", body="[" * 20_000)
        self.assertContains(page, "brackets, stars")

    def test_tell_who_changed_what(self):
        address = f"/admin/codes/code/{code('550').pk}/change/"
        self.assertEqual(self.post(address, label="Other label").status_code, 302)
        newest = code("550").history.first()
        self.assertEqual(newest.history_user.groups.get().name, "Editors")
        page = self.client.get(f"/admin/codes/code/{code('550').pk}/history/")
        self.assertContains(page, "<del>Mailbox unavailable</del>", html=True)
        self.assertContains(page, "<ins>Other label</ins>", html=True)

    def test_publish_only_when_asked(self):
        article = make_article("Old")
        address = f"/admin/articles/article/{article.pk}/change/"
        self.assertEqual(self.post(address, title="New").status_code, 302)
        self.assertEqual(Article.objects.get(pk=article.pk).shown.title, "Old")
        self.post(address, title="New", _publish="yes")
        self.assertEqual(Article.objects.get(pk=article.pk).shown.title, "New")

    def test_refuse_to_call_published_what_has_no_approved_words(self):
        page = self.client.post(
            "/admin/articles/article/add/",
            {
                "title": "T",
                "body": "B",
                "topic": make_article().topic_id,
                "audience": "public",
                "state": "published",
                "related_links-TOTAL_FORMS": 0,
                "related_links-INITIAL_FORMS": 0,
            },
        )
        self.assertContains(page, "None of its words are approved yet")


class Preview(TestCase):
    def show(self, text):
        return self.client.post("/admin/codes/code/preview/", {"markdown": text})

    def test_shows_what_readers_will_see(self):
        self.client.force_login(make_user("Editors"))
        article = make_article(body="A [[code 550]] and **words**.")
        shown = self.show("A [[code 550]] and **words**.").content.decode()
        page = self.client.get(article.get_absolute_url()).content.decode()
        words = page[page.index("<p>A <a") : page.index("<strong>words</strong>.</p>")]
        self.assertIn(words, shown)

    def test_says_what_cannot_be_rendered(self):
        self.client.force_login(make_user("Editors"))
        self.assertContains(self.show("![](/x.png)"), "has no alternative text")

    def test_needs_a_token(self):
        from django.test import Client

        browser = Client(enforce_csrf_checks=True)
        browser.force_login(make_user("Editors"))
        self.assertEqual(browser.post("/admin/codes/code/preview/", {"markdown": "x"}).status_code, 403)


class Rendering(TestCase):
    def test_happens_on_save(self):
        advice = Advice.objects.create(
            cause=Cause.objects.create(slug="t", name="T"), role="sender", text="**Bold** [[code 550]]"
        )
        self.assertIn("<strong>Bold</strong>", advice.html)
        self.assertIn("data-kb", advice.html)

    def test_follows_the_record_without_a_new_save(self):
        make_article("T", body="See [[code 550]].", slug="see-550")
        Code.objects.filter(value="550").update(label="Quite new")
        self.assertContains(self.client.get("/kb/see-550/"), 'title="Quite new"')

    def test_tests_a_wording_on_save(self):
        self.assertTrue(all(wording.sample_list for wording in Wording.objects.all()))
