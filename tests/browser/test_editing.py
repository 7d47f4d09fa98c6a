from kb.articles.models import Article
from kb.codes.models import Cause
from tests.browser.base import BrowserTestCase
from tests.makers import code, make_article


class Editing(BrowserTestCase):
    def test_previews_markdown_as_readers_will_see_it(self):
        self.sign_in()
        self.open(f"/admin/articles/article/{make_article().pk}/change/")
        self.page.locator("textarea[name=body]").fill(
            "## A heading\n\nSee [[code 550]].\n\n[[codes smtp 3xx]]"
        )
        preview = self.page.frame_locator("iframe[title=Preview]")
        preview.get_by_role("heading", name="A heading").wait_for()
        self.assertEqual(preview.locator("a.code", has_text="550").count(), 1)
        self.assertIn("Authentication challenge", preview.locator("table").inner_text())
        self.assertIn("Charter", preview.locator("h2").evaluate("node => getComputedStyle(node).fontFamily"))

    def test_says_in_the_preview_what_is_wrong(self):
        self.sign_in()
        self.open(f"/admin/articles/article/{make_article().pk}/change/")
        self.page.locator("textarea[name=body]").fill("[[code 999]]")
        alert = self.page.frame_locator("iframe[title=Preview]").get_by_role("alert")
        alert.wait_for()
        self.assertIn("There is no record for [[code 999]]", alert.inner_text())

    def test_writes_and_publishes_an_article(self):
        self.sign_in()
        self.open("/admin/articles/article/add/")
        self.page.get_by_label("Title:").fill("A new article")
        self.page.locator("textarea[name=body]").fill("Its words.")
        self.page.locator(".field-topic .select2-selection").click()
        self.page.get_by_role("option", name="Understanding mail errors").click()
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.get_by_text("Readers see them once you save and publish").wait_for()
        article = Article.objects.get(slug="a-new-article")
        self.assertIsNone(article.shown)
        self.open(f"/admin/articles/article/{article.pk}/change/")
        self.page.get_by_role("button", name="Save and publish").click()
        self.page.wait_for_url("**/admin/articles/article/")
        self.open("/kb/a-new-article/")
        self.assertIn("Its words.", self.page.locator("main").inner_text())

    def test_goes_back_to_an_old_state_with_its_causes(self):
        record = code("550")
        causes = [link.cause.slug for link in record.code_causes.all()]
        self.sign_in()
        self.open(f"/admin/codes/code/{record.pk}/change/")
        self.page.get_by_label("Label:").fill("Wrong label")
        self.page.locator("[name='code_causes-0-DELETE']").check()
        self.page.get_by_role("button", name="Save", exact=True).click()
        self.page.wait_for_url("**/admin/codes/code/")
        self.assertNotIn(Cause.objects.get(slug=causes[0]), code("550").causes.all())
        self.open(f"/admin/codes/code/{record.pk}/history/")
        self.assertIn("Wrong label", self.page.locator("#change-history").inner_text())
        self.page.get_by_role("link", name="Open this state").last.click()
        self.page.get_by_role("button", name="Revert").click()
        self.page.wait_for_url("**/admin/codes/code/")
        self.assertEqual(code("550").label, "Mailbox unavailable")
        self.assertEqual([link.cause.slug for link in code("550").code_causes.all()], causes)
