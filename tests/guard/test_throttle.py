from unittest import mock

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import RequestFactory, TestCase, override_settings
from limits import parse_many

from kb.environment import no_patience
from kb.guard import throttle
from kb.guard.throttle import wait_for
from tests.delivery.strangers import Stranger
from tests.guard.test_address import free_port
from tests.makers import make_user

HERE, THERE = "192.0.2.1", "192.0.2.2"


def limits(**given):
    return {**settings.LIMITS, **{name: parse_many(text) for name, text in given.items()}}


class Limited(TestCase):
    def setUp(self):
        throttle._memory.cache_clear()
        changed = override_settings(
            LIMITING=True, LIMITS=limits(ask="2/minute", search="2/minute", login="3/hour")
        )
        changed.enable()
        self.addCleanup(changed.disable)


class ALimit(Limited):
    def tries(self, *addresses, user=None, name="ask", **options):
        for address in addresses:
            request = RequestFactory().get("/", REMOTE_ADDR=address)
            if user:
                request.user = user
            yield wait_for(request, name, **options)

    def test_lets_as_many_go_on_as_it_says_and_tells_the_rest_when(self):
        first, second, third = self.tries(HERE, HERE, HERE)
        self.assertEqual((first, second), (0, 0))
        self.assertTrue(50 < third <= 60, third)

    def test_counts_each_network_apart(self):
        self.assertEqual(list(self.tries(HERE, HERE, THERE)), [0, 0, 0])
        same_64 = list(self.tries("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"))
        self.assertEqual([bool(wait) for wait in same_64], [False, False, True, False])

    def test_counts_wider_networks_with_higher_figures(self):
        for addresses, most in (
            ([f"192.0.2.{last}" for last in range(40)], 16),
            ([f"2001:db8:0:{last:x}::1" for last in range(40)], 8),
            ([f"2001:db8:0:{last:x}00::1" for last in range(40)], 16),
            ([f"2001:db8:{last:x}::1" for last in range(40)], 40),
        ):
            with self.subTest(addresses=addresses[:2]):
                throttle._memory.cache_clear()
                self.assertEqual(list(self.tries(*addresses)).count(0), most)

    def test_counts_each_name_apart(self):
        self.assertEqual([*self.tries(HERE, HERE), *self.tries(HERE, name="search")], [0, 0, 0])

    def test_counts_the_signed_in_by_account_wherever_they_are(self):
        anna, ben = make_user(), make_user()
        self.assertEqual(list(self.tries(HERE, THERE, user=anna)), [0, 0])
        self.assertTrue(*self.tries("192.0.2.3", user=anna))
        self.assertEqual(list(self.tries(HERE, user=ben)), [0])

    def test_counts_what_the_try_is_about_wherever_it_comes_from(self):
        self.assertEqual(list(self.tries(HERE, THERE, about="Anna")), [0, 0])
        self.assertTrue(*self.tries("192.0.2.3", about=" anna"))

    def test_holds_for_all_its_parts(self):
        with override_settings(LIMITS=limits(ask="100/minute;1/day")):
            first, second = self.tries(HERE, HERE)
        self.assertEqual(first, 0)
        self.assertGreater(second, 86_000)

    def test_can_be_lifted(self):
        with override_settings(LIMITING=False):
            self.assertEqual(set(self.tries(*[HERE] * 9)), {0})

    def test_keeps_no_more_counts_than_fit(self):
        with mock.patch.object(throttle, "MOST_KEPT", 5):
            list(self.tries(*[f"192.0.2.{last}" for last in range(1, 40)]))
            self.assertLessEqual(len(throttle._memory("ask").storage.events), 6)

    def test_forgets_last_who_reached_it(self):
        with mock.patch.object(throttle, "MOST_KEPT", 50):
            list(self.tries(HERE, HERE))
            list(self.tries(*[f"198.51.{high}.{low}" for high in range(2) for low in range(200)]))
            self.assertTrue(*self.tries(HERE))

    def test_forgets_first_what_has_run_out(self):
        list(self.tries(HERE, HERE, THERE, THERE))
        kept = throttle._memory("ask").storage.events
        [here] = [key for key in kept if f"network {HERE}/" in key]
        [there] = [key for key in kept if f"network {THERE}/" in key]
        kept[here].clear()
        with mock.patch.object(throttle, "MOST_KEPT", 3):
            list(self.tries("192.0.2.3", "192.0.2.4"))
        self.assertEqual((here in kept, there in kept), (False, True))

    def test_goes_on_while_another_is_filled(self):
        with mock.patch.object(throttle, "MOST_KEPT", 5), override_settings(LIMITS=limits(login="1/day")):
            list(self.tries(HERE, name="login"))
            list(self.tries(*[f"192.0.2.{last}" for last in range(1, 40)]))
            self.assertTrue(*self.tries(HERE, name="login"))


class PagesWithALimit(Limited):
    def test_answer_in_words_with_the_time_to_wait(self):
        pages = [self.client.get("/search/?q=mailbox") for _ in range(3)]
        self.assertEqual([page.status_code for page in pages], [200, 200, 429])
        self.assertContains(pages[2], "A moment, please", status_code=429)
        self.assertTrue(0 < int(pages[2]["Retry-After"]) <= 60)

    def test_limit_suggestions_apart_from_searches(self):
        with override_settings(LIMITS=limits(suggest="2/minute", search="2/minute")):
            answers = [self.client.get("/search/suggest/?q=mail") for _ in range(3)]
            self.assertEqual(self.client.get("/search/?q=mail").status_code, 200)
        self.assertEqual([answer.status_code for answer in answers], [200, 200, 429])
        self.assertTrue(0 < int(answers[2]["Retry-After"]) <= 60)

    def test_count_only_what_costs(self):
        for _ in range(5):
            self.assertEqual(self.client.get("/ask/").status_code, 302)
        line = {"q": "550 5.1.1 <x@example.com>: user unknown"}
        self.assertEqual([self.client.post("/ask/", line).status_code for _ in range(3)], [200, 200, 429])

    def test_say_that_nothing_is_there_without_a_search(self):
        with override_settings(LIMITS=limits(missing="2/minute")):
            pages = [self.client.get(f"/help{number}/mailbox-full.html") for number in range(3)]
            stranger = Stranger()
            stored = [stranger.get(f"/help{number}/mailbox-full.html") for number in range(3, 5)]
            self.assertEqual(stranger.store.pages, {})  # the poorer page goes with the flood
        self.assertEqual({page.status_code for page in pages}, {404})
        found = ["Pages with these words" in page.content.decode() for page in pages]
        self.assertEqual(found, [True, True, False])
        self.assertEqual(
            [(page.status, "Pages with these words" in page.text) for page in stored], [(404, False)] * 2
        )

    def test_leave_the_codes_open(self):
        for _ in range(5):
            self.assertEqual(self.client.get("/codes/smtp/550/").status_code, 200)


class SignIn(Limited):
    def enter(self, name, address, password="wrong"):
        data = {"username": name, "password": password}
        return self.client.post("/account/login/", data, REMOTE_ADDR=address)

    def test_is_limited_by_address(self):
        for number in range(3):
            self.assertEqual(self.enter(f"someone{number}", HERE).status_code, 200)
        self.assertEqual(self.enter("someone4", HERE).status_code, 429)
        self.assertEqual(self.enter("someone4", THERE).status_code, 200)

    def test_counts_no_names_of_an_address_that_has_to_wait(self):
        """Else made-up names fill the memory until the real one's count is forgotten."""
        for number in range(200):
            self.enter(f"made up {number}", HERE)
        self.assertLess(len(throttle._memory("login_name").storage.events), 20)

    def test_hashes_once_for_a_known_and_for_an_unknown_name(self):
        known, disabled = make_user(), make_user(is_active=False)
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
            for user in (known, disabled):
                user.set_password("right horse")
                user.save()
            work = {}
            for name in (known.username, disabled.username, "nobody"):
                with (
                    mock.patch.object(Argon2PasswordHasher, "encode", return_value="x") as encoded,
                    mock.patch.object(Argon2PasswordHasher, "verify", return_value=False) as verified,
                ):
                    self.enter(name, HERE)
                work[name] = encoded.call_count + verified.call_count
        self.assertEqual(set(work.values()), {1}, work)


class ASharedCache(Limited):
    def setUp(self):
        super().setUp()
        throttle._shared.cache_clear()
        self.addCleanup(throttle._shared_rest.__init__)
        changed = override_settings(
            CACHE_URL=f"redis://127.0.0.1:{free_port()}/0", CACHE_PATIENCE=no_patience()
        )
        changed.enable()
        self.addCleanup(changed.disable)

    def test_that_is_down_leaves_the_limits_to_memory_and_is_left_in_peace(self):
        request = RequestFactory().get("/", REMOTE_ADDR=HERE)
        with self.assertLogs("kb.guard.throttle", "WARNING") as log:
            waits = [wait_for(request, "ask") for _ in range(3)]
        self.assertEqual([bool(wait) for wait in waits], [False, False, True])
        self.assertEqual(len(log.output), 1)
        self.assertIn("ConnectionError", log.output[0])
