from django.test import TestCase

from kb.accounts.models import User
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
        link = "To the administration"
        self.assertContains(self.client.get("/"), link)
        self.client.force_login(make_user("Agents", is_staff=True))
        self.assertNotContains(self.client.get("/"), link)
