"""The test bench: what a wording would match, win and lose, told before it is saved."""

from django.test import TestCase
from django.urls import reverse

from kb.codes.models import Cause, Wording
from kb.diagnosis.bench import try_wording
from tests.makers import make_user


def wording(pattern, cause="virus", **fields):
    return Wording(pattern=pattern, cause=Cause.objects.get(slug=cause), **fields)


def made(pattern, cause="virus", **fields):
    new = wording(pattern, cause, **fields)
    new.save()
    return new


class Trying(TestCase):
    def test_tells_which_own_samples_match_and_win(self):
        trial = try_wording(
            wording("frobnicator (is )?broken", samples="550 frobnicator broken\n\n550 all is well")
        )
        self.assertEqual([(tried.matches, tried.wins) for tried in trial.own], [(True, True), (False, False)])
        self.assertEqual([tried.text for tried in trial.missed], ["550 all is well"])

    def test_tells_which_wording_wins_instead(self):
        narrow = made(
            "frobnicator of doom", "loop", enhanced_codes="5.7.1", samples="550 5.7.1 frobnicator of doom"
        )
        trial = try_wording(wording("frobnicator", samples="550 5.7.1 frobnicator of doom"))
        self.assertEqual(
            (trial.own[0].matches, trial.own[0].wins, trial.own[0].won_by), (True, False, narrow)
        )

    def test_names_the_samples_of_others_that_it_would_win(self):
        other = made("frobnicat", "loop", samples="550 frobnicator broken")
        trial = try_wording(
            wording("frobnicator broken", samples="550 frobnicator broken\n\n550 frobnicator broken!")
        )
        [collision] = trial.collisions
        self.assertEqual((collision.wording, collision.is_harmful), (other, True))
        self.assertEqual(trial.harmful, [collision])

    def test_calls_a_shared_sample_harmless_where_the_other_keeps_it(self):
        made("frobnicator broken", "loop", enhanced_codes="5.7.1", samples="550 5.7.1 frobnicator broken")
        [collision] = try_wording(wording("frobnicator")).collisions
        self.assertFalse(collision.tried.wins)
        self.assertFalse(collision.is_harmful)

    def test_names_what_a_changed_pattern_no_longer_matches(self):
        saved = made("frobnicat", samples="550 frobnicator\n\n550 frobnicatrix")
        saved.pattern = "frobnicator"
        self.assertEqual(try_wording(saved).lost, ((saved, "550 frobnicatrix"),))

    def test_tries_any_text(self):
        trial = try_wording(wording("frobnicator"), "550 5.1.1 a frobnicator")
        self.assertEqual((trial.text.matches, trial.text.wins), (True, True))
        self.assertFalse(try_wording(wording("frobnicator"), "hello").text.matches)

    def test_says_in_words_what_is_wrong_with_a_pattern(self):
        self.assertIn("missing )", try_wording(wording("frob(")).problem)
        self.assertEqual(try_wording(wording("")).problem, "Write a pattern first.")

    def test_copes_with_a_wording_that_has_no_cause(self):
        trial = try_wording(Wording(pattern="frobnicator", samples="550 frobnicator"))
        self.assertEqual((trial.own[0].matches, trial.own[0].wins), (True, False))
        self.assertTrue(trial.answers_nothing)

    def test_takes_samples_as_a_browser_sends_them(self):
        trial = try_wording(wording("frobnicat", samples="550 frobnicator\r\n\r\n550 frobnicatrix\r\n"))
        self.assertEqual([tried.text for tried in trial.own], ["550 frobnicator", "550 frobnicatrix"])

    def test_saves_nothing(self):
        before = Wording.objects.count()
        try_wording(wording("frobnicator", samples="550 frobnicator"), "text")
        self.assertEqual(Wording.objects.count(), before)


class OnTheForm(TestCase):
    def setUp(self):
        self.client.force_login(make_user("Editors"))
        self.cause = Cause.objects.get(slug="virus")

    def send(self, address, **fields):
        inline = {f"advice-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        return self.client.post(
            address,
            {"cause": self.cause.pk, "provider": "", "pattern": "", "samples": "", **inline, **fields},
        )

    def test_the_button_shows_the_form_again_with_the_bench(self):
        before = Wording.objects.count()
        page = self.send(
            reverse("admin:codes_wording_add"),
            pattern="frobnicator",
            samples="550 frobnicator",
            try_text="550 <b>frobnicator",
            _try="Try",
        )
        self.assertContains(page, "Matches and wins:")
        self.assertContains(page, 'value="frobnicator"')
        self.assertContains(page, "the answer stands on this wording")
        self.assertContains(page, "550 &lt;b&gt;frobnicator")
        self.assertNotContains(page, "errornote")
        self.assertEqual(Wording.objects.count(), before)

    def test_trying_a_saved_one_changes_nothing(self):
        saved = made("frobnicat", samples="550 frobnicat")
        page = self.send(
            reverse("admin:codes_wording_change", args=[saved.pk]),
            pattern="frobnicatrix",
            samples="550 frobnicatrix",
            _try="Try",
        )
        self.assertContains(page, "Matched before, no longer matched")
        saved.refresh_from_db()
        self.assertEqual(saved.pattern, "frobnicat")

    def test_a_broken_pattern_is_explained(self):
        page = self.send(reverse("admin:codes_wording_add"), pattern="frob(", _try="Try")
        self.assertContains(page, "This pattern cannot be read: missing )", status_code=200)

    def test_nonsense_is_no_fault_of_the_server(self):
        page = self.send(
            reverse("admin:codes_wording_add"),
            pattern="x",
            cause="999999",
            provider="999999",
            reply_codes="nope",
            _try="Try",
        )
        self.assertEqual(page.status_code, 200)

    def test_saving_needs_no_trial(self):
        page = self.send(reverse("admin:codes_wording_add"), pattern="frobnicator", samples="550 frobnicator")
        self.assertEqual(page.status_code, 302)
        self.assertTrue(Wording.objects.filter(pattern="frobnicator").exists())

    def test_a_refused_form_comes_with_the_bench(self):
        page = self.send(reverse("admin:codes_wording_add"), pattern="frobnicator", samples="550 nothing")
        self.assertContains(page, "The pattern does not match:")

    def test_is_not_for_agents(self):
        self.client.force_login(make_user("Agents"))
        address = reverse("admin:codes_wording_add")
        self.assertEqual(
            self.client.post(address, {"pattern": "x", "_try": "Try"}, follow=True).status_code, 403
        )
