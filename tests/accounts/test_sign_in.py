from django.test import TestCase

from tests.makers import make_user


class SignIn(TestCase):
    def test_takes_the_person_back_to_where_they_were(self):
        user = make_user()
        page = self.client.post(
            "/account/login/", {"username": user.username, "password": "right horse", "next": "/codes/"}
        )
        self.assertRedirects(page, "/codes/")

    def test_goes_to_no_other_site(self):
        user = make_user()
        page = self.client.post(
            "/account/login/",
            {"username": user.username, "password": "right horse", "next": "https://evil.example/"},
        )
        self.assertRedirects(page, "/")

    def test_says_the_same_for_a_wrong_name_and_a_wrong_password(self):
        user = make_user()
        pages = [
            self.client.post("/account/login/", {"username": name, "password": "wrong"})
            for name in (user.username, "nobody")
        ]
        errors = [page.context["form"].non_field_errors() for page in pages]
        self.assertTrue(errors[0])
        self.assertEqual(*errors)

    def test_keeps_the_name_that_was_typed(self):
        page = self.client.post("/account/login/", {"username": "anna", "password": "wrong"})
        self.assertContains(page, 'value="anna"')

    def test_signs_out_by_post_only(self):
        self.client.force_login(make_user())
        self.assertEqual(self.client.get("/account/logout/").status_code, 405)
        self.assertRedirects(self.client.post("/account/logout/"), "/")
        self.assertNotIn("_auth_user_id", self.client.session)


class TheAdminsDoor(TestCase):
    def test_asks_strangers_to_sign_in(self):
        page = self.client.get("/admin/codes/code/", follow=True)
        self.assertEqual(page.request["PATH_INFO"], "/account/login/")
        self.assertIn("/admin/codes/code/", page.context["next"])

    def test_tells_those_without_the_right_what_is_missing(self):
        for group in ("", "Agents"):
            self.client.force_login(make_user(group))
            page = self.client.get("/admin/", follow=True)
            self.assertContains(page, "Only editors and admins", status_code=403)

    def test_is_open_to_editors_and_admins_without_a_staff_box(self):
        for group in ("Editors", "Admins"):
            self.client.force_login(make_user(group))
            self.assertEqual(self.client.get("/admin/").status_code, 200)

    def test_shows_people_to_admins_only(self):
        for group, status in (("Editors", 403), ("Admins", 200)):
            self.client.force_login(make_user(group))
            self.assertEqual(self.client.get("/admin/accounts/user/").status_code, status)
