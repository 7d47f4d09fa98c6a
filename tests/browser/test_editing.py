from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article
from kb.codes.models import Cause
from kb.jobs.models import Job
from kb.jobs.working import run_due
from tests.browser.base import BrowserTestCase
from tests.makers import code, make_article, make_user

DAY = timedelta(days=1)


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


class OldStates(BrowserTestCase):
    def test_are_not_taken_up_by_enter_in_a_field(self):
        record = code("550")
        record.label = "Newer label"
        record.save()
        self.sign_in()
        self.open(f"/admin/codes/code/{record.pk}/history/{record.history.last().pk}/")
        self.page.get_by_label("Label:").press("Enter")
        self.page.wait_for_timeout(500)  # nothing happens, and that cannot be waited for otherwise
        self.assertEqual(code("550").label, "Newer label")


class Publishing(BrowserTestCase):
    """Nothing is public by accident, and what waits stays hidden until its moment."""

    def setUp(self):
        super().setUp()
        self.article = make_article("Old", at=timezone.now() - 5 * DAY)
        self.editor = self.sign_in()
        self.form = f"/admin/articles/article/{self.article.pk}/change/"

    def as_a_stranger(self):
        """The status and the text of the article's page for somebody who is not signed in."""
        context = self.browser.new_context(java_script_enabled=False)
        page = context.new_page()
        reply = page.goto(
            f"{self.live_server_url}{self.article.get_absolute_url()}?x={timezone.now().timestamp()}"
        )
        text = page.locator("main").inner_text()
        context.close()
        return reply.status, text

    def pass_days(self, days):
        """As if so much time had passed, with the due work done."""
        span = days * DAY
        self.article.revisions.filter(publish_at__isnull=False).update(publish_at=F("publish_at") - span)
        Job.objects.filter(name="go_live").update(due=F("due") - span)
        run_due()

    def test_is_never_done_by_enter_in_a_field(self):
        for label in ("Title:", "Keywords:", "Address name:", "Applies to:", "What changed:"):
            with self.subTest(label=label):
                self.open(self.form)
                self.page.locator("textarea[name=body]").fill("Half written.")
                self.page.get_by_label(label, exact=True).press("Enter")
                self.page.get_by_text("These words are a draft").wait_for()
                self.assertNotIn("Half written", self.as_a_stranger()[1])

    def test_of_a_correction_leaves_the_scheduled_version_waiting(self):
        self.open(self.form)
        self.page.locator("textarea[name=body]").fill("The secret.")
        day = timezone.localdate() + 3 * DAY
        self.page.locator("[name=publish_at_0]").fill(day.isoformat())
        self.page.locator("[name=publish_at_1]").fill("09:00")
        self.page.get_by_role("button", name="Save and publish").click()
        self.page.get_by_text("goes live on").first.wait_for()
        self.open(self.form)
        self.page.get_by_text("09:00 (UTC)").first.wait_for()
        self.assertEqual(self.page.locator("textarea[name=body]").input_value(), "Words.")
        self.page.locator("textarea[name=body]").fill("The correction.")
        self.page.get_by_role("button", name="Save and publish").click()
        self.page.get_by_text("does not hold what you published now").wait_for()
        text = self.as_a_stranger()[1]
        self.assertIn("The correction.", text)
        self.assertNotIn("The secret.", text)
        self.pass_days(4)
        self.assertIn("The secret.", self.as_a_stranger()[1])

    def test_waits_with_the_audience_until_its_moment(self):
        self.open(self.form)
        self.page.locator("[name=audience]").select_option("agents")
        self.page.locator("textarea[name=body]").fill("For us alone.")
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.get_by_text("Waits with the draft: Audience").wait_for()
        self.assertEqual(self.as_a_stranger()[0], 200)
        self.assertIn("Words.", self.as_a_stranger()[1])
        draft = self.article.revisions.drafts().get()
        self.open(f"{self.form}?version={draft.pk}")
        self.page.locator("[name=publish_at_0]").fill((timezone.localdate() + 3 * DAY).isoformat())
        self.page.locator("[name=publish_at_1]").fill("09:00")
        self.page.get_by_role("button", name="Save and publish").click()
        self.page.get_by_text("goes live on").first.wait_for()
        self.assertEqual(self.as_a_stranger()[0], 200)
        self.pass_days(4)
        status, text = self.as_a_stranger()
        self.assertEqual(status, 404)
        self.assertNotIn("For us alone", text)

    def test_of_somebody_s_draft_asks_first(self):
        other = make_user("Editors", first_name="Anna", last_name="Berg")
        draft = publishing.revise(self.article, words={"body": "Unfinished."}, by=other)
        self.open(f"{self.form}?version={draft.pk}")
        self.page.get_by_role("button", name="Save and publish").click()
        question = self.page.get_by_role("alert")
        question.get_by_text("Draft by Anna Berg").wait_for()
        self.assertIn("+ Unfinished.", question.inner_text())
        self.assertNotIn("Unfinished", self.as_a_stranger()[1])
        question.get_by_role("button", name="Yes, save and publish").click()
        self.page.get_by_text("is live").wait_for()
        self.assertIn("Unfinished", self.as_a_stranger()[1])
