import time
from unittest import mock

from kb.feedback.models import Vote
from tests.browser.base import BrowserTestCase


class Useful(BrowserTestCase):
    def test_takes_a_no_a_reason_and_a_change_of_mind(self):
        self.open("/kb/mailbox-full/")
        self.press("No")
        self.expect("You did not find it useful.")
        self.page.get_by_label("It is out of date").check()
        self.page.get_by_label("In your words").fill("The quota is 2 GB now.")
        self.press("Send")
        self.expect("You did not find it useful: it is out of date.")
        self.page.get_by_text("Say more").click()
        self.assertEqual(self.page.get_by_label("In your words").input_value(), "The quota is 2 GB now.")
        vote = Vote.objects.get()
        self.assertEqual((vote.useful, vote.reason), (False, "outdated"))
        self.press("Change to Yes")
        self.expect("You found it useful.")
        vote = Vote.objects.get()
        self.assertEqual((vote.useful, vote.reason, vote.text), (True, "", ""))

    def press(self, name):
        self.page.locator("#helpful").get_by_role("button", name=name, exact=True).click()

    def expect(self, words):
        """The page is back at the question, which stands in view."""
        self.page.get_by_text(words).wait_for()
        self.page.wait_for_url("**/kb/mailbox-full/#helpful")
        self.assertTrue(
            self.page.locator("#helpful h2").evaluate(
                "node => node.getBoundingClientRect().top < innerHeight"
            )
        )


class TwoClicks(BrowserTestCase):
    def test_are_one_vote_although_no_cookie_came_back_between_them(self):
        self.open("/kb/mailbox-full/")
        yes = self.page.locator("#helpful").get_by_role("button", name="Yes", exact=True)
        with mock.patch("kb.portal.views.feedback.let_in", lambda *_: time.sleep(0.7)):
            yes.evaluate("button => { button.click(); setTimeout(() => button.click(), 200); }")
            self.page.get_by_text("You found it useful.").wait_for()
            self.page.wait_for_timeout(700)  # for a second one, if it was sent
        self.assertEqual(Vote.objects.count(), 1)


class UsefulWithoutScript(Useful):
    script = False
