from kb.jobs.models import Mail
from kb.jobs.working import run_due
from tests.accounts.test_passwords import NEW, link_in
from tests.browser.base import BrowserTestCase
from tests.makers import make_user


class OnesOwnAccount(BrowserTestCase):
    def fits(self):
        for width in (390, 1280):
            self.page.set_viewport_size({"width": width, "height": 800})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(wide, width, self.page.url)

    def press(self, name):
        self.page.locator("main").get_by_role("button", name=name).click()

    def test_is_found_by_ones_name_and_its_password_changed(self):
        user = self.sign_in("Agents")
        self.page.locator("header.bar").get_by_role("link", name=user.greeting).click()
        self.fits()
        self.page.get_by_role("link", name="Change password").click()
        self.fits()
        self.page.get_by_label("Old password").fill("right horse")
        self.page.get_by_label("New password", exact=True).fill("short")
        self.page.get_by_label("New password confirmation").fill("short")
        self.press("Change password")
        self.page.get_by_text("This password is too short").first.wait_for()
        self.fits()
        self.page.get_by_label("Old password").fill("right horse")
        self.page.get_by_label("New password", exact=True).fill(NEW)
        self.page.get_by_label("New password confirmation").fill(NEW)
        self.press("Change password")
        self.page.get_by_role("heading", name="Your password is changed").wait_for()
        self.fits()

    def test_opens_again_by_a_link_when_the_password_is_forgotten(self):
        make_user(email="anna@example.org")
        self.open("/account/login/")
        self.page.get_by_role("link", name="Forgotten your password?").click()
        self.fits()
        self.page.get_by_label("Email").fill("anna@example.org")
        self.press("Send the link")
        self.page.get_by_role("heading", name="Look into your mail").wait_for()
        run_due()
        self.open(link_in(Mail.objects.get().text))
        self.fits()
        self.page.get_by_label("New password", exact=True).fill(NEW)
        self.page.get_by_label("New password confirmation").fill(NEW)
        self.press("Set the new password")
        self.page.get_by_role("heading", name="Your new password is set").wait_for()
