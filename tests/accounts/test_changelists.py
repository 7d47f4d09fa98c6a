from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory, TestCase

from kb.comments.models import CommentVote
from kb.feedback.models import Ask, Vote
from kb.jobs import add
from kb.jobs.models import Mail
from kb.jobs.outbox import send_later
from tests.makers import code, make_article, make_comment, make_picture, make_user

HIDDEN = {
    "comments.comment": ("email", "visitor", "html", "key", "words"),
    "feedback.vote": ("visitor",),
    "jobs.mail": ("text", "headers", "number"),
    "accounts.user": ("password",),
}
LOOKUPS = ("", "__exact", "__startswith", "__contains", "__in", "__gt", "__isnull", "__regex", "__x__y")
JUNK = ("x", "", "-1", "9" * 40, "(", "\x00", "1,2,x", "None", "‮")
PARAMETERS = (
    "o",
    "p",
    "e",
    "all",
    "_facets",
    "_popup",
    "_to_field",
    "q",
    "x",
    "votes__visitor",
    "pk",
    "state",
)


class Changelists(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.comment = make_comment(cls.article, email="qzanna@example.org")
        CommentVote.objects.create(comment=cls.comment, visitor="somebody", value=1)
        Vote.cast(code("550"), useful=False, visitor="somebody", text="No")
        Ask.objects.add({("search", "mailbox"): (1, "well")}, "2026-01-01")
        send_later("a mail", to="anna@example.org", subject="Hello", text="A secret link")
        add("relate", cls.article.pk)
        make_picture()

    def every_list(self):
        """(person, ModelAdmin) for each list that each of them may open."""
        for group in ("Editors", "Admins"):
            user = make_user(group)
            for shown in admin.site._registry.values():
                if shown.has_view_permission(self.request(user)):
                    yield user, shown

    def request(self, user, query=None):
        request = RequestFactory().get("/admin/", query or {})
        request.user = user
        return request

    def outcome(self, user, shown, query):
        """What the list answers: its rows, or why it has none."""
        try:
            return list(shown.get_changelist_instance(self.request(user, query)).result_list)
        except (IncorrectLookupParameters, SuspiciousOperation) as problem:
            return type(problem)

    def test_refuse_lookups_of_what_is_hidden(self):
        seen = set()
        for user, shown in self.every_list():
            label = shown.opts.label_lower
            for name in HIDDEN.get(label, ()):
                seen.add(label)
                for lookup in LOOKUPS:
                    with self.subTest(who=user.username, lookup=f"{label}: {name}{lookup}"):
                        found = self.outcome(user, shown, {f"{name}{lookup}": "q"})
                        self.assertIs(found, DisallowedModelAdminLookup)
        self.assertEqual(seen, {*HIDDEN})

    def test_refuse_what_is_hidden_beyond_a_relation(self):
        hidden = ("password", "email", "visitor", "text", "headers", "key")
        tried = 0
        for user, shown in self.every_list():
            for field in shown.opts.get_fields():
                others = (
                    {other.name for other in field.related_model._meta.get_fields()}
                    if field.is_relation and field.related_model
                    else set()
                )
                for other in others.intersection(hidden):
                    tried += 1
                    with self.subTest(who=user.username, lookup=f"{shown.opts.label}: {field.name}__{other}"):
                        found = self.outcome(user, shown, {f"{field.name}__{other}__startswith": "q"})
                        self.assertIs(found, DisallowedModelAdminLookup)
        self.assertGreater(tried, 10)

    def test_answer_nonsense_without_failing(self):
        for user, shown in self.every_list():
            names = [*PARAMETERS, *(field.name for field in shown.opts.get_fields())]
            asked = [
                {f"{name}{lookup}": JUNK[(number + at) % len(JUNK)]}
                for number, name in enumerate(names)
                for at, lookup in enumerate(LOOKUPS)
            ]
            for entry in shown.list_filter:
                name = f"{entry}__exact" if isinstance(entry, str) else entry.parameter_name
                asked += [{name: value} for value in JUNK]
            for query in asked:
                with self.subTest(who=user.username, list=shown.opts.label, query=query):
                    self.outcome(user, shown, query)

    def test_lead_back_or_refuse_in_the_browser(self):
        for group in ("Editors", "Admins"):
            self.client.force_login(make_user(group))
            for address, query, statuses in (
                ("/admin/comments/comment/", "email__startswith=qz", {400}),
                ("/admin/comments/comment/", "email=qzanna@example.org", {400}),
                ("/admin/comments/comment/", "votes__visitor__startswith=s", {400}),
                ("/admin/comments/comment/", "x=y", {302}),
                ("/admin/comments/comment/", "o=999&p=-1", {200, 302}),
                ("/admin/comments/comment/", "e=1", {200}),
                ("/admin/comments/comment/", "made_at__gte=never", {302}),
                ("/admin/jobs/mail/", "headers__contains=x", {400, 403}),
                ("/admin/jobs/mail/", "text__contains=link", {400, 403}),
                ("/admin/accounts/user/", "password__startswith=argon2", {400, 403}),
            ):
                with self.subTest(who=group, address=address, query=query):
                    self.assertIn(self.client.get(f"{address}?{query}").status_code, statuses)

    def test_search_and_order_by_nothing_hidden(self):
        for model, shown in admin.site._registry.items():
            hidden = HIDDEN.get(model._meta.label_lower, ())
            for name in (*shown.search_fields, *shown.list_display, *shown.list_filter):
                if isinstance(name, str):
                    parts = {*name.lstrip("=^@").split("__")}
                    self.assertFalse(parts & {*hidden, "password", "visitor", "headers"}, f"{model}: {name}")

    def test_are_filtered_by_what_they_show(self):
        self.client.force_login(make_user("Admins"))
        for address, query, found in (
            ("/admin/comments/comment/", {"state__exact": "published"}, 1),
            ("/admin/comments/comment/", {"state__exact": "spam"}, 0),
            ("/admin/comments/comment/", {"pk": self.comment.pk}, 1),
            ("/admin/comments/comment/", {"name__startswith": "An"}, 1),
            ("/admin/feedback/ask/", {"last_day__gte": "2025-12-31"}, 1),
            ("/admin/articles/article/", {"topic__id__exact": self.article.topic_id}, 1),
            ("/admin/jobs/mail/", {"state__exact": "waiting"}, Mail.objects.count()),
        ):
            with self.subTest(address=address, query=query):
                page = self.client.get(address, query)
                self.assertEqual(page.context["cl"].result_count, found)
