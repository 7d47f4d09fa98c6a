from tests.browser.base import BrowserTestCase


class Suggestions(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.asked = []
        self.page.on(
            "request", lambda request: self.asked.append(request.url) if "/suggest/" in request.url else None
        )
        self.open("/codes/")
        self.box = self.page.locator("#ask-form textarea")
        self.list = self.page.get_by_role("listbox")

    def type(self, text):
        self.box.focus()
        self.page.keyboard.type(text)

    def test_lead_by_keyboard_to_a_page(self):
        self.type("mailbox fu")
        self.list.get_by_role("option").first.wait_for()
        self.assertEqual(self.box.get_attribute("aria-expanded"), "true")
        self.assertIn("suggestion", self.page.locator("#status").inner_text())
        article = self.list.get_by_role("group", name="Articles").get_by_role("option").first
        while article.get_attribute("aria-selected") != "true":
            self.page.keyboard.press("ArrowDown")
        self.assertEqual(self.box.get_attribute("aria-activedescendant"), article.get_attribute("id"))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/kb/mailbox-full/")

    def test_go_with_escape_and_leave_what_was_typed(self):
        self.type("mailbox fu")
        self.list.get_by_role("option").first.wait_for()
        self.page.keyboard.press("Escape")
        self.list.wait_for(state="hidden")
        self.assertEqual(self.box.input_value(), "mailbox fu")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/search/?q=mailbox+fu")

    def test_know_codes(self):
        self.type("5.1")
        self.assertIn("5.1.1", self.list.get_by_role("option").nth(1).inner_text())

    def test_are_not_asked_for_what_was_pasted_or_may_be_private(self):
        self.box.focus()
        self.box.evaluate("box => box.setRangeText('user unknown')")
        self.box.evaluate("box => box.dispatchEvent(new InputEvent('input', {inputType: 'insertFromPaste'}))")
        self.page.wait_for_timeout(400)
        self.box.fill("")
        self.type("anna@example")
        self.page.wait_for_timeout(400)
        self.assertEqual(self.asked, [])
        self.box.fill("")
        self.type("full")
        self.list.get_by_role("option").first.wait_for()

    def test_are_silent_when_they_fail(self):
        self.page.route("**/suggest/**", lambda route: route.fulfill(status=200, body="no JSON"))
        self.type("mailbox full")
        self.page.wait_for_timeout(400)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/search/?q=mailbox+full")

    def test_arrows_lead_from_hit_to_hit(self):
        self.open("/search/?q=mailbox+full")
        links = self.page.locator(".hits h3 a:not(.code)")
        links.first.focus()
        self.page.keyboard.press("ArrowDown")
        self.assertEqual(
            self.page.evaluate("document.activeElement.href"), links.nth(1).evaluate("link => link.href")
        )


class WithoutScript(BrowserTestCase):
    script = False

    def test_the_box_searches(self):
        self.open("/codes/")
        self.page.locator("#ask-form textarea").fill("recipeint mailbx")
        self.page.locator("#ask-form").get_by_role("button").click()
        self.page.wait_for_url("**/search/?q=recipeint+mailbx")
        self.assertIn("recipient mailbox", self.page.locator("main").inner_text())
