from tests.browser.base import BrowserTestCase
from tests.makers import code

SEED = "/kb/email-error-messages-explained/"
BOUNCE = "host mx.example.com[192.0.2.25] said: 550 5.1.1 <anna@example.com>: user unknown (in reply to RCPT TO command)"


class Reading(BrowserTestCase):
    def test_goes_from_home_through_the_article_to_a_code(self):
        self.open("/")
        self.page.get_by_role("link", name="Understanding mail errors").first.click()
        self.page.get_by_role("link", name="Email Error Messages Explained").click()
        self.assertEqual(
            self.page.get_by_role("heading", level=1).inner_text(), "Email Error Messages Explained"
        )
        self.page.locator("main table").get_by_role("link", name="550").first.click()
        self.assertIn("/codes/smtp/550/", self.page.url)
        self.assertIn("Will not work as sent", self.page.locator("main").inner_text())

    def test_answers_a_pasted_bounce(self):
        self.open("/")
        self.page.locator("#ask-form textarea").fill(BOUNCE)
        self.page.get_by_role("button", name="Find the answer").click()
        self.page.wait_for_url("**/ask/")
        text = self.page.locator("main").inner_text()
        self.assertIn("No such mailbox", text)
        self.assertIn("I sent it", text)

    def test_shows_a_reader_what_an_editor_changed(self):
        self.sign_in("Editors")
        self.open(f"/admin/codes/code/{code('550').pk}/change/")
        self.page.get_by_label("Label:").fill("No mailbox for you")
        self.page.get_by_role("button", name="Save", exact=True).click()
        self.page.wait_for_url("**/admin/codes/code/")
        reader = self.browser.new_context(java_script_enabled=self.script).new_page()
        reader.goto(self.live_server_url + SEED)
        self.assertIn("No mailbox for you", reader.locator("main").inner_text())
        reader.context.close()

    def test_leads_by_keyboard_from_home_to_a_code(self):
        self.open("/")
        self.press_until(lambda focused: "/codes/smtp/5xx/" in focused)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/codes/smtp/5xx/")
        self.press_until(lambda focused: focused.endswith("/codes/smtp/550/"))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/codes/smtp/550/")
        self.press_until(lambda focused: focused.endswith("#main"), most=2)

    def press_until(self, reached, most=120):
        """Tab on until the focused link is the wanted one."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if reached(self.focused_address()):
                return
        self.fail(f"Tab never came there; it stands on {self.focused_address()}")

    def focused_address(self):
        focused = self.page.locator("*:focus")
        return (focused.get_attribute("href") if focused.count() else "") or ""


class ReadingWithoutScript(Reading):
    script = False


class Script(BrowserTestCase):
    def test_focuses_the_box_on_a_slash_and_sends_on_enter(self):
        self.open("/codes/")
        self.page.keyboard.press("/")
        self.page.keyboard.type("mailbox full")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/search/?q=mailbox+full")

    def test_keeps_the_line_breaks_of_a_pasted_bounce(self):
        self.open("/")
        self.page.locator("#ask-form textarea").focus()
        self.page.keyboard.insert_text(
            "first line 550 5.1.1\nsecond line of the bounce, long enough to be no question"
        )
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/ask/")
        self.assertIn("5.1.1\nsecond line of the bounce", self.page.locator("main").text_content())

    def test_remembers_the_chosen_colours(self):
        self.open("/")
        before = self.page.evaluate("getComputedStyle(document.body).color")
        self.page.locator("[data-theme-switch]").click()
        after = self.page.evaluate("getComputedStyle(document.body).color")
        self.assertNotEqual(before, after)
        self.open("/codes/")
        self.assertEqual(self.page.evaluate("getComputedStyle(document.body).color"), after)

    def test_finds_a_row_of_a_long_table(self):
        self.open("/codes/smtp/5xx/")
        field = self.page.locator("input[type=search]").first
        field.fill("exceeded storage")
        self.assertEqual(self.page.locator("main table").first.locator("tbody tr:visible").count(), 1)


class Paper(BrowserTestCase):
    def test_holds_the_whole_article(self):
        self.open(SEED)
        self.page.emulate_media(media="print")
        text = self.page.locator("body").inner_text()
        for value in ("211", "354", "459", "554"):
            self.assertIn(value, text)
        for gone in ("nav[aria-label=Main]", "#ask-form", "[data-share]", "footer.foot"):
            self.assertEqual(self.page.locator(f"{gone}:visible").count(), 0, gone)
        self.assertIn("/a/", text)
        self.assertIn("Printed", text)
        shown = self.page.evaluate(
            "getComputedStyle(document.querySelector('main a[href^=\"https://www.iana.org\"]'), '::after').content"
        )
        self.assertIn("iana.org", shown)
        self.assertGreater(len(self.page.pdf()), 20_000)
