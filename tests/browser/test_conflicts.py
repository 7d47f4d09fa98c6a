from kb.articles.models import Article
from kb.comments.models import Comment
from kb.desk.models import Action
from kb.search.models import Synonym
from tests.browser.base import BrowserTestCase
from tests.makers import code, make_article, make_comment


class Together(BrowserTestCase):
    """Two people in two browsers."""

    def second(self, group="Editors"):
        """A page of somebody else, who is signed in."""
        mine, self.page = self.page, self.browser.new_context(java_script_enabled=self.script).new_page()
        self.page.set_default_timeout(10_000)
        self.addCleanup(self.page.context.close)
        self.sign_in(group)
        other, self.page = self.page, mine
        return other

    def save(self, page, name="Save"):
        page.get_by_role("button", name=name, exact=True).first.click()

    def conflict(self):
        self.page.get_by_text("Nothing was saved yet").wait_for()
        self.complaints.clear()  # the browser tells of the status 409


class Editors(Together):
    def setUp(self):
        super().setUp()
        self.sign_in()
        self.other = self.second()

    def test_put_an_article_together(self):
        article = make_article("Two at it", body="One.\n\nTwo.")
        address = f"/admin/articles/article/{article.pk}/change/"
        self.open(address)
        self.other.goto(self.live_server_url + address)
        self.other.locator("textarea[name=body]").fill("One.\n\nTwo, corrected.")
        self.save(self.other, "Save and publish")
        self.other.wait_for_url("**/admin/articles/article/")
        self.page.locator("[name=keywords]").fill("colliding")
        self.page.locator("[name=title]").fill("Two are at it")
        self.save(self.page, "Save and publish")
        self.conflict()
        self.assertIn(", corrected", self.page.locator(".difference del").first.inner_text())
        self.assertEqual(self.page.locator(".unsaved").count(), 0)  # the words stand on this page
        self.save(self.page, "Save what is chosen above")
        self.page.wait_for_url("**/admin/articles/article/")
        shown = Article.objects.get(pk=article.pk).shown
        self.assertEqual(
            (shown.body.replace("\r", ""), shown.title, shown.keywords),
            ("One.\n\nTwo, corrected.", "Two are at it", "colliding"),
        )
        self.open(address)
        self.assertEqual(self.page.locator(".unsaved").count(), 0)

    def test_choose_about_a_code_that_both_changed(self):
        address = f"/admin/codes/code/{code('550').pk}/change/"
        self.open(address)
        self.other.goto(self.live_server_url + address)
        self.other.get_by_label("Label:").fill("Label of the other")
        self.save(self.other)
        self.other.wait_for_url("**/admin/codes/code/")
        self.page.get_by_label("Label:").fill("Label of mine")
        self.page.get_by_label("In brief:").fill("In brief of mine")
        self.save(self.page)
        self.conflict()
        self.save(self.page, "Save what is chosen above")  # the browser asks for a choice first
        self.assertEqual(code("550").label, "Label of the other")
        both = self.page.get_by_role("group").filter(has_text="Both of you changed it")
        both.get_by_label("Take yours").check()
        both.locator("textarea").fill("Label of both")
        self.save(self.page, "Save what is chosen above")
        self.page.wait_for_url("**/admin/codes/code/")
        self.assertEqual((code("550").label, code("550").in_brief), ("Label of both", "In brief of mine"))


class EditorsWithoutScript(Editors):
    script = False


class TwoAtTheDesk(Together):
    def test_are_told_what_the_other_decided(self):
        article = Article.objects.get(slug="mailbox-full")
        for number in range(2):
            make_comment(article, f"Words {number}", name=f"Writer {number}", state="pending")
        self.sign_in("Agents")
        other = self.second("Agents")
        self.open("/desk/comments/")
        other.goto(f"{self.live_server_url}/desk/comments/")
        other.get_by_role("button", name="Publish (comment").first.click()
        other.get_by_text("Published: 1 comment.").wait_for()
        for box in self.page.get_by_label("Choose comment").all():
            box.check()
        self.page.locator("[data-bulk]").get_by_role("button", name="Spam").click()
        self.page.get_by_text("One of those you chose stayed as it is").wait_for()
        self.assertIn("decided", self.page.get_by_role("alert").inner_text())
        self.assertEqual(
            list(Comment.objects.order_by("pk").values_list("state", flat=True)), ["published", "spam"]
        )
        self.assertEqual(Action.objects.count(), 2)


class Clicks(BrowserTestCase):
    def test_on_a_button_twice_save_once(self):
        self.sign_in()
        self.open("/admin/search/synonym/add/")
        self.page.locator("[name=words]").fill("double click, two clicks")
        self.page.get_by_role("button", name="Save", exact=True).dblclick()
        self.page.get_by_text("was added successfully").wait_for()
        self.assertEqual(Synonym.objects.filter(words="double click, two clicks").count(), 1)
