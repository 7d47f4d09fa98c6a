from kb.jobs.models import Mail
from tests.browser.base import BrowserTestCase
from tests.portal.bounces import BOUNCE, TWO_PEOPLE

EML = {"name": "bounce.eml", "mimeType": "message/rfc822", "buffer": TWO_PEOPLE.encode()}
DROP = """(form, text) => {
    const files = new DataTransfer();
    files.items.add(new File([text], "bounce.eml", { type: "message/rfc822" }));
    for (const kind of ["dragover", "drop"])
        form.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


class WithTheBox(BrowserTestCase):
    def paste(self, text=BOUNCE):
        self.open("/")
        self.page.locator("#ask-form textarea").fill(text)
        self.page.locator("#ask-form").get_by_role("button", name="Find the answer").click()
        self.page.wait_for_url(self.live_server_url + "/ask/")

    def read_as(self, who):
        self.page.locator(".who-reads").get_by_text(who).click()

    def words(self):
        return self.page.locator("main").inner_text()


class Asking(WithTheBox):
    def test_answers_a_pasted_bounce_and_covers_the_addresses(self):
        self.paste()
        self.assertEqual(self.page.locator("h1").inner_text(), "No such mailbox")
        self.assertIn("a•••@example.com", self.words())
        self.assertNotIn("anna@example.com", self.words())
        self.page.get_by_label("Show addresses").check()
        self.assertIn("<anna@example.com>: Recipient address rejected", self.words())
        self.assertNotIn("•••", self.words())

    def test_shows_the_advice_for_who_is_reading(self):
        self.paste()
        self.assertIn("The address you wrote to does not exist", self.words())
        self.assertNotIn("If you run the receiving mail server", self.words())
        self.read_as("I run the mail server")
        self.assertIn("If you run the receiving mail server", self.words())
        self.assertNotIn("The address you wrote to does not exist", self.words())

    def test_reads_a_chosen_file(self):
        self.open("/")
        self.page.locator("#ask-form [type=file]").set_input_files(EML)
        self.page.locator("#ask-form").get_by_role("button", name="Find the answer").click()
        self.page.wait_for_url(self.live_server_url + "/ask/")
        self.assertIn("2 answers", self.words())
        self.assertIn("Mailbox over quota", self.words())

    def test_brings_the_text_to_our_support(self):
        self.paste()
        self.page.get_by_role("button", name="Send this to support").click()
        self.page.wait_for_url(self.live_server_url + "/contact/")
        self.assertIn(
            "anna@example.com", self.page.locator("#contact-form").get_by_label("Your message").input_value()
        )
        self.page.get_by_label("Your e-mail address").fill("bob@example.org")
        self.page.get_by_role("button", name="Send to our support").click()
        self.page.get_by_text("Your message is on its way").wait_for()
        mail = Mail.objects.get()
        self.assertIn(self.page.locator(".reference pre").inner_text(), mail.subject)
        self.assertEqual(mail.reply_to, "bob@example.org")

    def test_sends_a_letter_from_the_contact_page(self):
        self.open("/contact/")
        self.page.get_by_label("What happened?").fill("My mail came back.")
        self.page.locator("#contact-form").get_by_label("A mail as a file").set_input_files(EML)
        self.page.get_by_role("button", name="Go on").click()
        self.page.get_by_role("heading", name="This may answer it").wait_for()
        self.page.get_by_label("Your e-mail address").fill("bob@example.org")
        self.page.get_by_role("button", name="Send to our support").click()
        self.page.get_by_text("Your message is on its way").wait_for()
        self.assertIn("Final-Recipient: rfc822; carl@example.net", Mail.objects.get().text)


class AskingWithoutScript(Asking):
    script = False


class Script(WithTheBox):
    def test_reads_a_file_dropped_onto_the_box(self):
        for address in ("/", "/codes/"):
            self.open(address)
            self.page.locator("#ask-form").evaluate(DROP, TWO_PEOPLE)
            self.page.wait_for_url(self.live_server_url + "/ask/")
            self.assertIn("2 answers", self.words())

    def test_shows_the_name_of_a_chosen_file(self):
        self.open("/")
        self.page.locator("#ask-form [type=file]").set_input_files(EML)
        self.assertIn("bounce.eml", self.page.locator("#ask-form").inner_text())

    def test_remembers_who_is_reading(self):
        self.paste()
        self.read_as("I should receive it")
        self.paste()
        self.assertTrue(self.page.get_by_label("I should receive it").is_checked())
        self.assertIn("People who write to you are told", self.words())

    def test_copies_a_summary_without_addresses(self):
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.paste()
        self.page.get_by_role("button", name="Copy a summary").click()
        self.page.get_by_role("button", name="Copied").wait_for()
        copied = self.page.evaluate("navigator.clipboard.readText()")
        self.assertIn("550 5.1.1 No such mailbox", copied)
        self.assertNotIn("@", copied)

    def test_prints_the_advice_for_everybody(self):
        self.paste()
        self.page.emulate_media(media="print")
        for words in ("I sent it", "I should receive it", "I run the mail server", "a•••@example.com"):
            self.assertIn(words, self.words())
        for gone in (".who-reads", ".actions", ".reveal"):
            self.assertEqual(self.page.locator(f"{gone}:visible").count(), 0, gone)
