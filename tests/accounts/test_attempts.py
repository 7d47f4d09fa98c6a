"""Guessing is slow, and slows nobody but those who guess."""

from unittest import mock

from django.test import Client, TestCase, override_settings

from kb.accounts import attempts
from kb.guard import throttle
from kb.jobs.models import Mail
from tests.makers import make_user

RIGHT = "right horse"


class Attempts(TestCase):
    def setUp(self):
        throttle._memory.cache_clear()
        attempts._attacked.clear()
        self.enterContext(override_settings(LIMITING=True))
        self.now = 1_000_000.0
        self.enterContext(mock.patch("time.time", lambda: self.now))
        self.user = make_user(email="anna@example.org")

    def enter(self, address, name=None, password="wrong", browser=None):
        words = {"username": name or self.user.username, "password": password}
        return (browser or Client()).post("/account/login/", words, REMOTE_ADDR=address).status_code

    def attack(self, networks=100, tries=10, name=None):
        return [self.enter(f"10.{number}.0.1", name) for number in range(networks) for _ in range(tries)]

    def test_lets_the_owner_in_from_a_fresh_address_after_a_thousand_wrong_ones(self):
        self.attack()
        self.assertEqual(self.enter("198.51.100.7", password=RIGHT), 302)

    def test_lets_the_owner_in_from_a_browser_known_before_even_beside_the_attacker(self):
        browser = Client()
        self.assertEqual(self.enter("10.0.0.1", password=RIGHT, browser=browser), 302)
        browser.cookies.pop("codebook_session", None)
        self.attack(networks=3, tries=30)
        self.assertEqual(self.enter("10.0.0.1"), 429)
        self.assertEqual(self.enter("10.0.0.1", password=RIGHT, browser=browser), 302)

    def test_lets_a_known_browser_guess_no_faster_and_other_names_not_at_all(self):
        browser = Client()
        self.enter("10.0.0.1", password=RIGHT, browser=browser)
        browser.cookies.pop("codebook_session", None)
        found = [self.enter(f"10.9.{number}.1", browser=browser) for number in range(15)]
        self.assertEqual(found.count(200), 10)
        other = make_user().username
        self.attack(networks=30, tries=2, name=other)
        self.assertEqual([self.enter("10.0.0.9", other, browser=browser) for _ in range(4)].count(200), 2)

    def test_lets_few_guesses_through_from_each_network(self):
        looked_at = 0
        for step in range(11):
            self.now += 7200
            for number in range(22):
                self.enter(f"10.{number}.{step}.1")
            looked_at += [self.enter(f"10.200.0.{last}") for last in range(1, 5)].count(200)
        self.assertLessEqual(looked_at, 20)

    def test_counts_all_spellings_of_a_name_as_one(self):
        name = "admin"
        make_user().__class__.objects.filter(pk=self.user.pk).update(username=name)
        spellings = ["ａdmin", "𝐚dmin", "ADMIN", "  admin ", " " * 149 + "admin", "ⓐdmin"]
        for spelling in spellings:
            self.assertEqual(attempts.compared(spelling), name, ascii(spelling))
        found = [self.enter("10.0.0.1", spelling) for spelling in spellings]
        self.assertEqual(found.count(200), 5)

    def test_is_the_same_for_known_and_unknown_names(self):
        found = []
        for name in (self.user.username, "nobody"):
            throttle._memory.cache_clear()
            found.append(self.attack(networks=8, tries=8, name=name))
        self.assertEqual(*found)
        self.assertIn(429, found[0])

    def test_warns_the_owner_once_a_day(self):
        self.attack(networks=25, tries=3)
        self.attack(networks=25, tries=3, name="nobody")
        for _ in range(2):
            attempts.warn()
            self.attack(networks=60, tries=3)
        warnings = Mail.objects.filter(key__startswith="login-warning:")
        self.assertEqual([one.recipient for one in warnings], ["anna@example.org"])
        self.assertIn("/account/password_change/", warnings[0].text)

    def test_says_nothing_of_a_few_wrong_tries(self):
        self.attack(networks=2, tries=3)
        attempts.warn()
        self.assertEqual(Mail.objects.count(), 0)

    def test_takes_a_cookie_of_our_own_only(self):
        browser = Client()
        browser.cookies["codebook_signed_in"] = "made-up:value"
        self.assertEqual(self.enter("10.0.0.1", browser=browser), 200)

    def test_limits_requests_for_links(self):
        found = [
            Client()
            .post("/account/password_reset/", {"email": f"a{number}@example.org"}, REMOTE_ADDR="10.0.0.1")
            .status_code
            for number in range(7)
        ]
        self.assertEqual((found.count(302), found.count(429)), (5, 2))
