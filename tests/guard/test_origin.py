from unittest import mock

from django.test import Client, TestCase, override_settings

from kb.guard import throttle
from tests.guard.test_throttle import limits
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


class RefusedPosts(TestCase):
    def setUp(self):
        throttle._memory.cache_clear()
        self.addCleanup(throttle._memory.cache_clear)
        changed = override_settings(LIMITING=True, LIMITS=limits(refused="3/minute"))
        changed.enable()
        self.addCleanup(changed.disable)
        self.browser = Client(enforce_csrf_checks=True)

    def refused(self, path="/ask/", address="192.0.2.1", **headers):
        headers = headers or {"sec_fetch_site": "cross-site"}
        return self.browser.post(path, {"q": LINE}, headers=headers, REMOTE_ADDR=address)

    def test_are_limited_whatever_they_are_refused_for(self):
        kinds = {"/ask/": 403, "/account/login/": 403, "/nothing/here/": 404}
        for path, status in kinds.items():
            self.assertEqual(self.refused(path).status_code, status)
        for path in kinds:
            answer = self.refused(path)
            self.assertContains(answer, "Try again", status_code=429)
            self.assertGreater(int(answer["Retry-After"]), 0)

    def test_are_counted_for_each_network(self):
        self.assertEqual([self.refused().status_code for _ in range(5)], [403] * 3 + [429] * 2)
        self.assertEqual(self.refused(address="192.0.2.2").status_code, 403)

    def test_keep_nobody_from_posting_what_is_in_order(self):
        for _ in range(5):
            self.refused()
        self.assertEqual(self.refused(sec_fetch_site="same-origin").status_code, 200)

    def test_are_counted_before_any_work_is_done(self):
        for _ in range(3):
            self.refused()
        with mock.patch("kb.portal.views.ask.ask", side_effect=AssertionError), self.assertNumQueries(0):
            self.assertEqual(self.refused().status_code, 429)
