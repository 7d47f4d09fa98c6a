from ipaddress import ip_network

from django.test import Client, TestCase, override_settings

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

    def test_leave_the_pages_for_developers_their_styles(self):
        with override_settings(DEBUG=True):
            self.assertNotIn("Content-Security-Policy", self.client.get("/nothing-here/"))
            self.assertIn(POLICY, self.client.get("/")["Content-Security-Policy"])

    def test_keep_to_https_who_came_by_it(self):
        with override_settings(TRUSTED_PROXY=[ip_network("127.0.0.1")], SECURE_HSTS_SECONDS=31536000):
            page = self.client.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_PROTO="https")
            self.assertIn("max-age=31536000", page["Strict-Transport-Security"])
            self.assertNotIn("Strict-Transport-Security", self.client.get("/"))

    def test_need_nothing_inline(self):
        self.client.force_login(make_user("superuser"))
        for path in [*PAGES, "/admin/", "/admin/codes/code/", "/admin/articles/article/add/"]:
            page = self.client.get(path).content.decode()
            with self.subTest(path=path):
                self.assertNotIn("style=", page)
                self.assertNotRegex(
                    page, r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+="
                )


class WhoComesByHttps(TestCase):
    """Through a proxy that is trusted, whatever SITE_URL says."""

    proxied = {"HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "127.0.0.1"}

    @override_settings(
        TRUSTED_PROXY=[ip_network("127.0.0.1")], SESSION_COOKIE_SECURE=False, CSRF_COOKIE_SECURE=False
    )
    def test_is_given_cookies_for_https_alone(self):
        for headers, secure in ((self.proxied, True), ({}, "")):
            page = self.client.get("/account/login/", **headers)
            self.assertEqual({cookie["secure"] for cookie in page.cookies.values()}, {secure})


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

    def test_must_be_ours_for_static_files_too(self):
        for host, status in (("evil.example", 400), ("testserver", 404)):
            self.assertEqual(self.client.get("/static/nothing.css", HTTP_HOST=host).status_code, status)


class Caches(TestCase):
    def test_keep_nothing_made_for_someone_signed_in(self):
        self.assertIn("public", self.client.get("/")["Cache-Control"])
        self.client.force_login(make_user())
        for path in ["/", "/codes/smtp/550/", "/search/?q=full", "/nothing-here/"]:
            with self.subTest(path=path):
                self.assertEqual(self.client.get(path)["Cache-Control"], "private, no-store")

    def test_hear_what_a_view_says_first(self):
        self.client.force_login(make_user("superuser"))
        self.assertIn("must-revalidate", self.client.get("/admin/")["Cache-Control"])

    def test_keep_a_permanent_redirect_for_an_hour(self):
        page = self.client.get("/codes/550/")
        self.assertEqual((page.status_code, page["Cache-Control"]), (301, "public, max-age=3600"))
        with override_settings(SECURE_SSL_REDIRECT=True):
            page = Client().get("/")
        self.assertEqual((page.status_code, page["Cache-Control"]), (301, "max-age=3600"))


class AFormWithoutItsToken(TestCase):
    def test_is_refused_on_our_own_page(self):
        page = Client(enforce_csrf_checks=True).post("/account/login/", {"username": "anna"})
        self.assertContains(page, "This form was not accepted", status_code=403)
        self.assertNotContains(page, "<style", status_code=403)
