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


class UsefulWithoutScript(Useful):
    script = False
