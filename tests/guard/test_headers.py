from django.test import TestCase, override_settings

from tests.makers import make_user

PAGES = [
    "/",
    "/codes/smtp/550/",
    "/kb/email-error-messages-explained/",
    "/search/?q=full",
    "/nothing-here/",
    "/account/login/",
]
POLICY = "default-src 'none'"


class Headers(TestCase):
    def test_stand_on_every_answer(self):
        self.client.force_login(make_user("superuser"))
        for path in [*PAGES, "/admin/", "/admin/codes/code/", "/codes/550/"]:
            with self.subTest(path=path):
                page = self.client.get(path)
                self.assertIn(POLICY, page["Content-Security-Policy"])
                self.assertNotIn("unsafe", page["Content-Security-Policy"])
                self.assertEqual(page["X-Content-Type-Options"], "nosniff")
                self.assertEqual(page["X-Frame-Options"], "DENY")
                self.assertEqual(page["Referrer-Policy"], "same-origin")
                self.assertEqual(page["Cross-Origin-Opener-Policy"], "same-origin")
                self.assertEqual(page["Cross-Origin-Resource-Policy"], "same-origin")
                self.assertIn("camera=()", page["Permissions-Policy"])

    def test_need_nothing_inline(self):
        self.client.force_login(make_user("superuser"))
        for path in [*PAGES, "/admin/", "/admin/codes/code/", "/admin/articles/article/add/"]:
            page = self.client.get(path).content.decode()
            with self.subTest(path=path):
                self.assertNotIn("style=", page)
                self.assertNotRegex(
                    page, r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+="
                )


class Proxies(TestCase):
    def is_https(self, address):
        page = self.client.get("/", REMOTE_ADDR=address, HTTP_X_FORWARDED_PROTO="https")
        return page.wsgi_request.is_secure()

    def test_are_not_believed_by_default(self):
        self.assertFalse(self.is_https("127.0.0.1"))

    def test_are_believed_where_the_operator_names_them(self):
        from ipaddress import ip_network

        with override_settings(TRUSTED_PROXY=[ip_network("10.0.0.0/8")]):
            self.assertTrue(self.is_https("10.1.2.3"))
            self.assertFalse(self.is_https("192.0.2.1"))
            self.assertFalse(self.is_https("no address"))


class TheHostHeader(TestCase):
    def test_must_be_one_of_ours(self):
        page = self.client.get("/", HTTP_HOST="evil.example")
        self.assertEqual(page.status_code, 400)
        self.assertIn(POLICY, page["Content-Security-Policy"])
