from time import time
from unittest import mock

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings

from kb.guard.visitor import MONTH, keep_private, new_visitor, remember, visitor_of

NAME = settings.VISITOR_COOKIE_NAME


def browser_with(value):
    request = RequestFactory().get("/")
    request.COOKIES[NAME] = value
    return request


def cookie_for(visitor):
    return remember(visitor, HttpResponse()).cookies[NAME]


class TheVisitorCookie(SimpleTestCase):
    def test_is_known_again(self):
        visitor = new_visitor()
        self.assertEqual(visitor_of(browser_with(cookie_for(visitor).value)), visitor)

    def test_is_another_one_each_time(self):
        self.assertEqual(len({new_visitor() for _ in range(100)}), 100)

    def test_is_none_for_strangers_and_for_what_is_not_ours(self):
        forged = signing.get_cookie_signer(salt="another").sign("somebody")
        for value in ("", "somebody", "a:b:c", forged, cookie_for("somebody").value[:-1], "\x00", "ü" * 9000):
            with self.subTest(value=value[:20]):
                self.assertEqual(visitor_of(browser_with(value)), "")
        self.assertEqual(visitor_of(RequestFactory().get("/")), "")

    def test_is_forgotten_after_thirty_days(self):
        for age, visitor in ((MONTH - 60, "somebody"), (MONTH + 60, "")):
            with mock.patch("django.core.signing.time.time", return_value=time() - age):
                cookie = cookie_for("somebody").value
            self.assertEqual(visitor_of(browser_with(cookie)), visitor)

    def test_is_out_of_reach_of_scripts_and_other_sites(self):
        cookie = cookie_for("somebody")
        self.assertTrue(cookie["httponly"])
        self.assertEqual((cookie["samesite"], cookie["max-age"], cookie["secure"]), ("Lax", MONTH, ""))

    @override_settings(SESSION_COOKIE_SECURE=True)
    def test_travels_encrypted_only_where_the_site_is_https(self):
        self.assertTrue(cookie_for("somebody")["secure"])

    def test_makes_a_page_private(self):
        for value, private in (("anything", True), (None, False)):
            request = browser_with(value) if value else RequestFactory().get("/")
            response = HttpResponse()
            keep_private(request, response)
            self.assertEqual("private" in response.get("Cache-Control", ""), private)
            self.assertEqual("Cookie" in response.get("Vary", ""), private)


class Readers(TestCase):
    def test_get_no_cookie(self):
        for address in ("/", "/codes/smtp/550/", "/kb/mailbox-full/", "/search/?q=full"):
            self.assertNotIn(NAME, self.client.get(address).cookies)
