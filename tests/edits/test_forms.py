"""Two people edit one record: over all forms of the admin."""

from contextlib import contextmanager

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, RequestFactory, TestCase
from django.urls import reverse
from django.utils import timezone

from kb.accounts.models import User
from kb.articles.models import Article, Tag, Topic
from kb.codes.models import Cause, Code, Provider, Registry
from kb.comments.models import Closed
from kb.edits.modeladmin import EditAdmin
from kb.feedback.models import Ask, Vote
from tests.forms import fields_of, opened
from tests.makers import OwnMedia, make_article, make_comment, make_picture, make_topic, make_user

# Of each kind two fields that a form changes: the first collides with itself, the second is another one.
FIELDS = {
    "accounts.user": ("first_name", "last_name"),
    "articles.article": ("title", "keywords"),
    "articles.picture": ("alt", None),
    "articles.tag": ("name", None),
    "articles.topic": ("name", "summary"),
    "auth.group": ("name", None),
    "codes.advice": ("text", "source"),
    "codes.cause": ("name", "in_brief"),
    "codes.code": ("label", "in_brief"),
    "codes.codeclass": ("name", "precise"),
    "codes.provider": ("name", "marks"),
    "codes.registry": ("name", "summary"),
    "codes.subject": ("name", "precise"),
    "codes.wording": ("in_brief", "meaning"),
    "comments.closed": (None, None),
    "search.synonym": ("words", "source"),
}


# An article is changed for others once it is published; other forms have no such button.
PUBLISH = {"_publish": "1"}


def asked_by(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def change_address(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def browser(user):
    made = Client()
    made.force_login(user)
    return made


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def problems(page):
    if page.context is None or "errors" not in page.context:
        return ""
    return str(page.context["errors"])


class EveryAdmin(OwnMedia, TestCase):
    def setUp(self):
        super().setUp()
        self.anna = make_user("superuser", first_name="Anna")
        self.ben = make_user("superuser", first_name="Ben")
        self.ann, self.bn = browser(self.anna), browser(self.ben)

    def record(self, model):
        if model is Article:
            return make_article("A title")
        if model._meta.label_lower == "articles.picture":
            return make_picture()
        makers = {
            Tag: lambda: Tag.objects.create(name="Tag", slug="tag"),
            Closed: lambda: Closed.objects.create(article=make_article()),
            Group: lambda: Group.objects.create(name="Helpers"),
            Topic: make_topic,
            User: lambda: make_user("Customers"),
        }
        return makers[model]() if model in makers else model.objects.first()

    def kinds(self):
        return [
            model
            for model, its_admin in admin.site._registry.items()
            if its_admin.has_change_permission(asked_by(self.anna))
        ]

    def test_knows_the_version_of_what_it_changes(self):
        request = asked_by(self.anna)
        bare = [
            str(its_admin)
            for its_admin in admin.site._registry.values()
            if not isinstance(its_admin, EditAdmin)
            and (
                its_admin.has_change_permission(request)
                or its_admin.has_add_permission(request)
                or its_admin.has_delete_permission(request)
            )
        ]
        self.assertEqual(bare, [])
        self.assertEqual([str(one) for one in admin.site._registry.values() if one.list_editable], [])
        self.assertEqual({model._meta.label_lower for model in self.kinds()}, FIELDS.keys())

    def test_saves_what_was_opened_and_saved_at_once(self):
        for model in self.kinds():
            with self.subTest(model=model), taken_back():
                address = change_address(self.record(model))
                page = self.ann.post(address, opened(self.ann, address))
                self.assertEqual(page.status_code, 302, problems(page))
                # Once more, from a form opened after it: nothing that saving does by itself counts as a change.
                self.assertEqual(self.ann.post(address, opened(self.ann, address)).status_code, 302)

    def test_refuses_the_older_form_and_shows_both_texts(self):
        for model in self.kinds():
            first, _ = FIELDS[model._meta.label_lower]
            if not first:
                continue
            with self.subTest(model=model), taken_back():
                record = self.record(model)
                address = change_address(record)
                older = opened(self.ann, address)
                newer = opened(self.bn, address)
                saved = self.bn.post(address, {**newer, first: "Words, of Ben", **PUBLISH})
                self.assertEqual(saved.status_code, 302, problems(saved))
                page = self.ann.post(address, {**older, first: "Words, of Anna", **PUBLISH})
                self.assertContains(page, "Nothing was saved yet", status_code=409)
                self.assertContains(page, "Ben did it", status_code=409)
                for word in ("Ben", "Anna"):
                    self.assertRegex(page.content.decode(), rf"(?s)<(del|ins)>.{{0,99}}{word}")
                self.assertEqual(opened(self.ann, address)[first], ["Words, of Ben"])

    def test_puts_edits_of_different_fields_together(self):
        for model in self.kinds():
            first, second = FIELDS[model._meta.label_lower]
            if not second:
                continue
            with self.subTest(model=model), taken_back():
                address = change_address(self.record(model))
                older = opened(self.ann, address)
                newer = opened(self.bn, address)
                theirs, mine = ("words-of-ben, it", "words-of-anna, it")
                saved = self.bn.post(address, {**newer, first: theirs, **PUBLISH})
                self.assertEqual(saved.status_code, 302, problems(saved))
                page = self.ann.post(address, {**older, second: mine, **PUBLISH})
                self.assertEqual(page.status_code, 409)
                self.assertNotContains(page, "Both of you changed it", status_code=409)
                sent = {**fields_of(page), "_edit_resolve": "merge"}
                saved = self.ann.post(address, sent)
                self.assertEqual(saved.status_code, 302, problems(saved))
                found = opened(self.ann, address)
                self.assertEqual((found[first], found[second]), ([theirs], [mine]))

    def test_refuses_a_form_without_a_version(self):
        for model in self.kinds():
            first, _ = FIELDS[model._meta.label_lower]
            if not first:
                continue
            with self.subTest(model=model), taken_back():
                address = change_address(self.record(model))
                before = opened(self.ann, address)
                for version in ([], ["{}"], ["nonsense"], ["[1]"], ['{"at":"2020-01-01","marks":{"x":1}}']):
                    data = {**before, "_edit_version": version, first: "Words of a script"}
                    page = self.ann.post(address, data)
                    self.assertContains(page, "does not say which version", status_code=409)
                self.assertEqual(opened(self.ann, address)[first], before[first])

    def test_keeps_the_words_about_a_record_that_was_deleted(self):
        for model in self.kinds():
            first, _ = FIELDS[model._meta.label_lower]
            if not first:
                continue
            with self.subTest(model=model), taken_back():
                record = self.record(model)
                older = opened(self.ann, change_address(record), **{first: "Words of an hour"})
                record.pk = 987_654  # of which there is none
                kind = ContentType.objects.get_for_model(model)
                LogEntry.objects.create(
                    user=self.ben, content_type=kind, object_id=record.pk, action_flag=DELETION
                )
                page = self.ann.post(change_address(record), older)
                self.assertContains(page, "Words of an hour", status_code=410)
                self.assertContains(page, "Ben did it", status_code=410)

    def test_refuses_to_delete_what_changed_since_it_asked(self):
        for model in self.kinds():
            first, _ = FIELDS[model._meta.label_lower]
            if not first:
                continue
            with self.subTest(model=model), taken_back():
                record = self.record(model)
                address = change_address(record)
                delete = address.replace("/change/", "/delete/")
                asked = opened(self.ann, delete)
                if "post" not in asked:  # what others lean on cannot be deleted at all
                    continue
                self.bn.post(address, opened(self.bn, address, **{first: "Words, of Ben"}, **PUBLISH))
                page = self.ann.post(delete, asked)
                self.assertContains(page, "Nothing was deleted yet", status_code=409)
                self.assertContains(page, "Words, of Ben", status_code=409)
                self.assertTrue(model.objects.filter(pk=record.pk).exists())
                self.assertEqual(self.ann.post(delete, {"post": "yes"}).status_code, 409)
                self.assertEqual(self.ann.post(delete, fields_of(page)).status_code, 302)
                self.assertFalse(model.objects.filter(pk=record.pk).exists())

    def test_deletes_of_a_list_only_what_is_as_it_was_shown(self):
        for model in self.kinds():
            first, _ = FIELDS[model._meta.label_lower]
            if not first or model in {Registry, Topic, Code, Cause, Provider}:
                continue
            with self.subTest(model=model), taken_back():
                record = self.record(model)
                changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                shown = opened(self.ann, changelist)
                address = change_address(record)
                self.bn.post(address, opened(self.bn, address, **{first: "Words, of Ben"}, **PUBLISH))
                data = {**shown, "action": "delete_selected", "_selected_action": [record.pk], "index": "0"}
                page = self.ann.post(changelist, data, follow=True)
                self.assertContains(page, "was left as it is")

    def test_deletes_of_a_list_what_is_as_it_was_shown(self):
        article = make_article()
        comment = make_comment(article, "Words")
        today = timezone.localdate()
        vote = Vote.objects.create(article=article, version=1, useful=True, visitor="v")
        ask = Ask.objects.create(
            skeleton="how", kind="search", outcome="well", cluster="how", first_day=today, last_day=today
        )
        tag = Tag.objects.create(name="Tag", slug="tag")
        helpers = Group.objects.create(name="Helpers")
        for record in (comment, vote, ask, tag, helpers, make_picture(), make_user("Customers")):
            with self.subTest(record=record):
                changelist = change_address(record).partition(f"{record.pk}/")[0]
                chosen = {"action": "delete_selected", "index": "0", "_selected_action": [record.pk]}
                asked = self.ann.post(changelist, opened(self.ann, changelist, **chosen))
                self.assertContains(asked, "Are you sure")
                page = self.ann.post(changelist, fields_of(asked), follow=True)
                self.assertContains(page, "Successfully deleted 1")
                self.assertFalse(type(record).objects.filter(pk=record.pk).exists())

    def test_does_nothing_to_what_changed_after_it_asked(self):
        tag = Tag.objects.create(name="Tag", slug="tag")
        chosen = {"action": "delete_selected", "index": "0", "_selected_action": [tag.pk]}
        changelist = "/admin/articles/tag/"
        asked = self.ann.post(changelist, opened(self.ann, changelist, **chosen))
        address = change_address(tag)
        self.bn.post(address, opened(self.bn, address, name="Words of Ben"))
        page = self.ann.post(changelist, fields_of(asked), follow=True)
        self.assertContains(page, "was left as it is: Ben changed it")
        self.assertTrue(Tag.objects.filter(pk=tag.pk).exists())

    def test_sees_the_rights_of_a_group_and_the_groups_of_a_person(self):
        group, person = Group.objects.create(name="Helpers"), make_user("Customers")
        right = Permission.objects.first()
        for record, name, other in ((group, "permissions", right), (person, "groups", group)):
            with self.subTest(record=record):
                address = change_address(record)
                older = opened(self.ann, address)
                kept = [*older.get(name, ()), str(other.pk)]
                self.bn.post(address, opened(self.bn, address, **{name: kept}))
                page = self.ann.post(address, older)
                self.assertContains(page, "Changed meanwhile, not by you", status_code=409)
                self.ann.post(address, {**fields_of(page), "_edit_resolve": "merge"})
                self.assertIn(other, getattr(record, name).all())

    def test_keeps_no_moment_of_signing_in(self):
        person = make_user("Customers")
        address = change_address(person)
        older = opened(self.ann, address)
        self.client.force_login(person)
        signed_in = User.objects.get(pk=person.pk).last_login
        self.assertEqual(self.ann.post(address, {**older, "last_name": "New"}).status_code, 302)
        self.assertEqual(User.objects.get(pk=person.pk).last_login, signed_in)
