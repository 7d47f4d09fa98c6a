from django.test import Client, TestCase

from tests.makers import make_user

LINE = "550 5.1.1 <anna@example.com>: user unknown"


class PublicForms(TestCase):
    def setUp(self):
        self.browser = Client(enforce_csrf_checks=True)

    def ask(self, **headers):
        return self.browser.post("/ask/", {"q": LINE}, headers=headers).status_code

    def test_take_a_post_from_our_own_page_without_a_token(self):
        self.assertEqual(self.ask(sec_fetch_site="same-origin"), 200)
        self.assertEqual(self.ask(origin="http://testserver"), 200)

    def test_refuse_a_post_from_another_site_in_words(self):
        for headers in (
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "null"},
        ):
            with self.subTest(headers=headers):
                page = self.browser.post("/ask/", {"q": LINE}, headers=headers)
                self.assertContains(page, "sent from another site", status_code=403)

    def test_believe_the_browser_before_the_origin(self):
        self.assertEqual(self.ask(sec_fetch_site="cross-site", origin="http://testserver"), 403)

    def test_take_a_post_without_headers_from_strangers_only(self):
        self.assertEqual(self.ask(), 200)
        self.browser.force_login(make_user())
        self.assertEqual(self.ask(), 403)
