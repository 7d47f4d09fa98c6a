from django.contrib import admin
from django.test import TestCase
from django.urls import reverse

from kb.articles.models import Article
from kb.codes.models import Advice, Cause, Code, Provider, Wording
from tests.forms import EditorClient
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
    client_class = EditorClient

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

    def test_name_a_year_that_nobody_can_mean(self):
        address = f"/admin/codes/code/{code('550').pk}/change/"
        for day, said in (("0026-11-30", "year 26"), ("9999-12-31", "year 9999")):
            self.assertContains(self.post(address, reviewed_on=day), said)

    def test_publish_nothing_by_a_state_that_is_sent(self):
        self.client.post(
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
        self.assertEqual(Article.objects.get(slug="t").state, "draft")


class AdviceOnOnePage(TestCase):
    client_class = EditorClient

    def setUp(self):
        self.client.force_login(make_user("Editors"))
        self.cause = Cause.objects.create(slug="t", name="T")

    def send(self, *texts):
        """Save the cause with these texts: a role, and the row it stands in, if any, or a mark to delete it."""
        saved = [text for text in texts if text[1]]
        data = {"name": "T", "slug": "t", "position": 0}
        data |= {"advice-TOTAL_FORMS": len(texts), "advice-INITIAL_FORMS": len(saved)}
        for number, (role, row, *gone) in enumerate(texts):
            data |= {f"advice-{number}-role": role, f"advice-{number}-text": "Words."}
            data |= {f"advice-{number}-cause": self.cause.pk}
            data |= {f"advice-{number}-id": row.pk} if row else {}
            data |= {f"advice-{number}-DELETE": "on"} if gone else {}
        return self.client.post(f"/admin/codes/cause/{self.cause.pk}/change/", data, follow=True)

    def advice(self, role):
        return self.cause.advice.create(role=role, text="Words.")

    def test_is_one_text_a_role(self):
        self.assertContains(self.send(("sender", None), ("sender", None)), "There are two texts for “Sender”")
        self.assertEqual(self.cause.advice.count(), 0)
        self.assertContains(self.send(("sender", None), ("staff", None)), "was changed successfully")

    def test_swaps_no_roles_in_one_step(self):
        one, two = self.advice("sender"), self.advice("staff")
        for rows in ((("staff", one), ("sender", two)), (("staff", one), ("staff", two, "gone"))):
            # Django 6.1 asks the table's own rule in inline forms as well, and its sentence comes first.
            self.assertRegex(
                self.send(*rows).content.decode(),
                "Another text still holds|There is advice for this role already",
            )
        self.assertContains(self.send(("recipient", one), ("staff", two)), "was changed successfully")


class Histories(TestCase):
    client_class = EditorClient

    def setUp(self):
        self.client.force_login(make_user("Editors"))

    def test_of_nothing_are_no_page(self):
        for page in ("abc/history/", "99999/history/", "abc/history/1/", f"{code('550').pk}/history/abc/"):
            self.assertRedirects(self.client.get(f"/admin/codes/code/{page}"), "/admin/")

    def test_say_that_a_state_names_what_is_gone(self):
        gone, there = (Cause.objects.create(slug=slug, name=slug) for slug in ("gone", "there"))
        advice = Advice.objects.create(cause=gone, role="sender", text="Words.")
        first = advice.history.first()
        advice.cause = there
        advice.save()
        gone.delete()
        page = self.client.get(f"/admin/codes/advice/{advice.pk}/history/{first.history_id}/", follow=True)
        self.assertContains(page, "names a record that was deleted since")

    def test_take_the_causes_back_that_are_still_there(self):
        gone, there = (Cause.objects.create(slug=slug, name=slug) for slug in ("gone", "there"))
        made = code("550")
        made.code_causes.all().delete()
        for position, cause in enumerate((gone, there)):
            made.code_causes.create(cause=cause, position=position)
        made.save()
        old = made.history.first()
        made.code_causes.all().delete()
        made.save()
        gone.delete()
        data = {"registry": made.registry_id, "kind": "reply", "value": "550", "label": "Taken back"}
        data |= {"code_class": made.code_class_id, "standing": "registered"}
        page = self.client.post(f"/admin/codes/code/{made.pk}/history/{old.history_id}/", data, follow=True)
        self.assertContains(page, "Some causes of that state were deleted since")
        self.assertEqual(list(code("550").causes.all()), [there])


class Addresses(TestCase):
    def test_without_a_scheme_are_taken_for_https(self):
        form = admin.site._registry[Provider].get_form(self.client.request().wsgi_request)
        self.assertEqual(form.base_fields["website"].clean("example.org"), "https://example.org")


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
