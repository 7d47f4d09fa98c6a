from django.contrib.auth.models import Group
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from kb.accounts import admins, roles
from kb.accounts.models import User
from tests.forms import EditorClient
from tests.makers import make_user


class People(TestCase):
    def setUp(self):
        self.admin = make_user("Admins")
        self.client.force_login(self.admin)

    def fields(self, person):
        page = self.client.get(f"/admin/accounts/user/{person.pk}/change/")
        return page.context["adminform"].form.fields

    def test_cannot_be_made_superusers_by_admins(self):
        fields = self.fields(self.admin)
        self.assertIn("groups", fields)
        self.assertNotIn("is_superuser", fields)
        self.assertNotIn("user_permissions", fields)
        self.client.force_login(make_user("superuser"))
        self.assertIn("is_superuser", self.fields(self.admin))

    def test_above_admins_are_theirs_to_see_only(self):
        boss = make_user("superuser")
        self.assertEqual(self.client.get(f"/admin/accounts/user/{boss.pk}/change/").status_code, 200)
        for page in ("password", "delete"):
            self.assertEqual(self.client.get(f"/admin/accounts/user/{boss.pk}/{page}/").status_code, 403)
        self.client.post(f"/admin/accounts/user/{boss.pk}/change/", {"username": "taken"})
        self.assertFalse(User.objects.filter(username="taken").exists())

    def test_find_the_way_to_the_admin_by_their_right(self):
        link = "Administration"
        self.assertContains(self.client.get("/"), link)
        self.client.force_login(make_user("Agents", is_staff=True))
        self.assertNotContains(self.client.get("/"), link)


class TheList(TestCase):
    def test_shows_roles_and_can_be_filtered_by_them(self):
        admin = make_user("Admins", first_name="Zoë")
        editor, off = make_user("Editors"), make_user("Agents", is_active=False)
        self.client.force_login(admin)
        page = self.client.get("/admin/accounts/user/")
        for role in ("Admin", "Editor", "Agent"):
            self.assertContains(page, f'<td class="field-role">{role}</td>', html=True)
        self.assertNotContains(page, "taff status")
        for role, person in (("Editors", editor), ("Agents", off)):
            found = self.client.get("/admin/accounts/user/", {"role": role}).context["cl"].result_list
            self.assertEqual([one.pk for one in found], [person.pk])
        self.assertEqual(self.client.get("/admin/accounts/user/?role=x").status_code, 200)

    def test_costs_as_much_for_many_as_for_few(self):
        self.client.force_login(make_user("Admins"))
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                self.client.get("/admin/accounts/user/")
            counts.append(len(queries))
            for _ in range(5):
                make_user("Agents")
        self.assertEqual(counts[0], counts[1])


class MakingAPerson(TestCase):
    def test_is_one_form_with_the_role(self):
        self.client.force_login(make_user("Admins"))
        page = self.client.post(
            "/admin/accounts/user/add/",
            {
                "username": "nadia",
                "usable_password": "true",
                "password1": "right horse battery",
                "password2": "right horse battery",
                "email": "nadia@example.org",
                "groups": [Group.objects.get(name="Agents").pk],
            },
        )
        self.assertEqual(page.status_code, 302)
        made = User.objects.get(username="nadia")
        self.assertEqual((str(roles.in_words(made)), made.email), ("Agent", "nadia@example.org"))

    def test_shows_nothing_that_means_nothing(self):
        boss = make_user("superuser")
        self.client.force_login(boss)
        page = self.client.get(f"/admin/accounts/user/{boss.pk}/change/")
        for words in (
            "taff status",
            "log into this admin site",
            "algorithm",
            "argon2",
            "Available user permissions",
        ):
            self.assertNotContains(page, words)
        self.assertContains(page, "../password/")
        for address in ("/admin/accounts/user/add/", f"/admin/accounts/user/{boss.pk}/password/"):
            self.assertNotContains(self.client.get(address), "LDAP")
            self.assertContains(self.client.get(address), "cannot sign in until an admin sets one")


class TheLastAdmin(TestCase):
    """Whoever does it, by whichever page."""

    client_class = EditorClient

    REASONS = ("the last admin who can sign in", "the last superuser who can sign in")

    def change(self, person, **fields):
        data = {
            "username": person.username,
            "is_active": "on",
            "groups": [group.pk for group in person.groups.all()],
        }
        if person.is_superuser:
            data["is_superuser"] = "on"
        data |= fields
        return self.client.post(
            f"/admin/accounts/user/{person.pk}/change/",
            {name: value for name, value in data.items() if value},
        )

    def acts(self, person):
        """Each way to take the right away, with what may be left out of the form."""
        yield self.change(person, is_active="")
        yield self.change(person, is_superuser="", groups=[])
        password = f"/admin/accounts/user/{person.pk}/password/"
        yield self.client.post(password, {"usable_password": "false", "unset-password": "Disable"})
        yield self.client.post(f"/admin/accounts/user/{person.pk}/delete/", {"post": "yes"})
        yield self.client.post(
            "/admin/accounts/user/",
            {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"},
        )

    def test_stays_one_whatever_is_tried(self):
        for group, by in (("Admins", "self"), ("superuser", "self")):
            with self.subTest(last=group, by=by):
                User.objects.all().delete()
                last = make_user(group)
                self.client.force_login(last)
                make_user("Admins", is_active=False)
                for number, page in enumerate(self.acts(last)):
                    with self.subTest(act=number):
                        text = page.content.decode()
                        self.assertTrue(any(reason in text for reason in self.REASONS), page.status_code)
                        last.refresh_from_db()
                        self.assertIn(last, admins.able())

    def test_may_go_where_another_is_left(self):
        first, second = make_user("Admins"), make_user("Admins")
        self.client.force_login(first)
        self.assertEqual(self.change(first, groups=[Group.objects.get(name="Editors").pk]).status_code, 302)
        self.assertEqual([one.pk for one in admins.able()], [second.pk])

    def test_is_not_among_many_that_are_deleted_at_once(self):
        people = [make_user("Admins") for _ in range(3)]
        self.client.force_login(people[0])
        chosen = {"action": "delete_selected", "_selected_action": [one.pk for one in people], "post": "yes"}
        self.assertContains(self.client.post("/admin/accounts/user/", chosen), "the last admin")
        self.assertEqual(User.objects.count(), 3)

    def test_changes_other_things_about_themselves(self):
        last = make_user("superuser")
        self.client.force_login(last)
        self.assertEqual(self.change(last, first_name="Zoë").status_code, 302)
        last.refresh_from_db()
        self.assertEqual((last.first_name, last.is_superuser), ("Zoë", True))


class TheGroups(TestCase):
    client_class = EditorClient

    def test_that_are_roles_keep_their_names_and_stay(self):
        for by in ("Admins", "superuser"):
            self.client.force_login(make_user(by))
            for group in Group.objects.filter(name__in=roles.GROUPS):
                with self.subTest(by=by, group=group.name):
                    self.client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Others"})
                    self.client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
                    chosen = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
                    self.assertContains(self.client.post("/admin/auth/group/", chosen), "is a role")
                    self.assertTrue(Group.objects.filter(pk=group.pk, name=group.name).exists())
            admins_group = Group.objects.get(name="Admins")
            self.assertTrue(admins_group.permissions.filter(codename="change_user").exists())

    def test_offer_rights_on_what_the_admin_has_pages_for(self):
        self.client.force_login(make_user("Admins"))
        editors = Group.objects.get(name="Editors")
        page = self.client.get(f"/admin/auth/group/{editors.pk}/change/")
        self.assertContains(page, "Can change article")
        self.assertNotContains(page, "historical")
        self.assertEqual(self.client.get("/admin/auth/group/add/").status_code, 403)
