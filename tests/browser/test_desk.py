from kb.articles.models import Article
from kb.comments.models import Comment
from tests.browser.base import BrowserTestCase
from tests.makers import make_comment


class Queue(BrowserTestCase):
    def setUp(self):
        super().setUp()
        article = Article.objects.get(slug="mailbox-full")
        for number in range(3):
            make_comment(article, f"Words {number}", name=f"Writer {number}", state="pending")
        self.sign_in("Agents")
        self.open("/desk/comments/")

    def states(self):
        return list(Comment.objects.order_by("pk").values_list("state", flat=True))

    def bar(self):
        return self.page.locator("[data-bulk]")

    def press(self, button):
        button.click()
        self.page.wait_for_url("**&done=*")

    def undo(self):
        self.page.get_by_role("button", name="Undo").click()
        self.page.get_by_text("They are as they were before.").wait_for()
        self.assertEqual(self.states(), ["pending"] * 3)


class WithScript(Queue):
    def test_is_worked_through_by_keyboard(self):
        self.assertFalse(self.bar().get_by_role("button", name="Publish").is_visible())
        for key in "jxjjxkj":
            self.page.keyboard.press(key)
        self.assertEqual(self.bar().locator("[data-chosen]").inner_text(), "2 of 3 chosen")
        self.assertIn("Writer 2", self.page.locator("tr:focus").inner_text())
        self.press(self.bar().get_by_role("button", name="Publish"))
        self.assertEqual(self.states(), ["published", "pending", "published"])
        self.undo()

    def test_publishes_nothing_by_enter_in_a_box(self):
        box = self.page.locator("tbody input[type=checkbox]").first
        box.check()
        box.press("Enter")
        self.page.get_by_text("use one of the buttons").wait_for()
        self.assertEqual(self.states(), ["pending"] * 3)
        self.complaints.clear()  # the status of a refusal

    def test_chooses_all_and_none(self):
        choose = self.bar().locator("[data-choose-all]")
        choose.click()
        self.assertEqual(self.page.locator(":checked").count(), 3)
        choose.click()
        self.assertEqual(self.page.locator(":checked").count(), 0)

    def test_opens_the_comment_of_the_row(self):
        self.page.keyboard.press("j")
        self.page.keyboard.press("o")
        self.page.wait_for_url("**/kb/mailbox-full/#c-*")
        self.page.get_by_role("button", name="Spam").first.click()
        self.page.get_by_text("Taken for spam").wait_for()
        self.assertEqual(self.states(), ["spam", "pending", "pending"])


class WithoutScript(Queue):
    script = False

    def test_is_worked_through_by_the_bar_and_by_row(self):
        self.page.get_by_label("Choose comment").first.check()
        self.press(self.bar().get_by_role("button", name="Delete"))
        self.assertEqual(self.states(), ["spam", "pending", "pending"])
        self.undo()
        self.press(self.page.get_by_role("button", name="Spam (comment").first)
        self.assertEqual(self.states(), ["spam", "pending", "pending"])
        self.undo()
