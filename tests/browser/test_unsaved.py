"""Nothing typed is lost: a session that ends, a reload, a crash, a deleted record, an outdated token."""

import json

from django.contrib.sessions.models import Session

from kb.articles.models import Article, Tag
from kb.codes.models import Cause, Wording
from kb.comments.models import Comment
from tests.browser.base import BrowserTestCase
from tests.makers import make_article, make_comment, make_user

TYPED = "An hour's words."


class Writing(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.questions = []
        self.page.on("dialog", self.answer)
        self.user = self.sign_in()
        self.article = make_article()
        self.address = f"/admin/articles/article/{self.article.pk}/change/"

    def answer(self, dialog):
        self.questions.append(dialog.type)
        dialog.accept()

    def forget_refusals(self):
        self.complaints[:] = [said for said in self.complaints if "Failed to load resource" not in said]

    def body(self, page=None):
        return (page or self.page).locator("textarea[name=body]")

    def write(self, text=TYPED, page=None):
        self.body(page).click()
        self.body(page).fill(text)
        self.wait_until_kept("words", page)

    def kept(self, page=None):
        kept = (page or self.page).evaluate(
            "Object.entries(localStorage).filter(([key]) => key.startsWith('draft:'))"
        )
        return [json.loads(text) for _, text in kept]

    def wait_until_kept(self, words, page=None):
        for _ in range(100):
            if words in (page or self.page).evaluate("JSON.stringify(localStorage)"):
                return
            (page or self.page).wait_for_timeout(50)
        self.fail(f"“{words}” was never kept")

    def tab(self, path):
        """Another tab of the same browser."""
        with self.page.expect_popup() as opened:
            self.page.evaluate("path => open(path) && null", path)
        opened.value.wait_for_load_state()
        return opened.value

    def offer(self, page=None):
        return (page or self.page).get_by_role("region", name="Unsaved words")

    def take_up(self, page=None):
        self.offer(page).get_by_role("button", name="Take them up again").click()
        self.assertEqual(self.body(page).input_value(), TYPED)

    def save(self):
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.wait_for_url("**/admin/articles/article/")

    def newest(self):
        return Article.objects.get(pk=self.article.pk).newest.body

    def sign_in_again(self, page):
        page.locator("[name=username]").fill(self.user.username)
        page.locator("[name=password]").fill("right horse")
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.live_server_url + "/")


class UnsavedWords(Writing):
    def test_come_back_after_the_session_ended(self):
        self.open(self.address)
        self.write()
        Session.objects.all().delete()
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.get_by_role("heading", name="You are signed out").wait_for()
        self.assertEqual(self.page.get_by_label("Body").input_value(), TYPED)
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name="Sign in in a new tab").click()
        self.sign_in_again(opened.value)
        opened.value.close()
        self.page.get_by_role("button", name="Send it again").click()
        self.page.wait_for_url("**/admin/articles/article/")
        self.assertEqual(self.newest(), TYPED)
        self.assertEqual((self.kept(), self.questions), ([], []))
        self.forget_refusals()

    def test_are_offered_after_signing_in_by_another_way(self):
        self.open(self.address)
        self.write()
        self.page.context.clear_cookies()
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.get_by_role("heading", name="This form was not accepted").wait_for()
        self.open("/account/login/")
        self.sign_in_again(self.page)
        self.open(self.address)
        self.take_up()
        self.save()
        self.assertEqual(self.newest(), TYPED)
        self.open(self.address)
        self.assertEqual(self.offer().count(), 0)
        self.forget_refusals()

    def test_are_offered_after_a_reload_and_can_be_compared_or_thrown_away(self):
        self.open(self.address)
        self.write()
        self.page.reload()
        self.assertEqual(self.questions, ["beforeunload"])
        self.assertEqual(self.body().input_value(), "Words.")
        self.assertRegex(self.offer().inner_text(), r"You have unsaved words from \d\d:\d\d")
        self.assertNotIn("changed since", self.offer().inner_text())
        self.offer().get_by_role("button", name="Compare").click()
        self.assertEqual(self.offer().locator("pre").all_inner_texts(), ["Words.", TYPED])
        self.take_up()
        self.page.reload()
        self.offer().get_by_role("button", name="Throw them away").click()
        self.assertEqual((self.offer().count(), self.kept()), (0, []))

    def test_are_offered_after_a_crash_with_a_word_on_what_changed(self):
        page = self.tab(self.address)
        self.write(page=page)
        page.close()  # without an unload
        Article.objects.filter(pk=self.article.pk).update(slug="renamed-meanwhile")
        self.open(self.address)
        self.assertIn("has been changed since", self.offer().inner_text())
        self.take_up()

    def test_of_a_deleted_record_can_become_a_new_one(self):
        self.open(self.address)
        self.write()
        self.article.delete()
        self.open("/admin/articles/article/")
        self.offer().get_by_text("not there any more").wait_for()
        self.offer().get_by_role("link", name="Take them up in a new one").click()
        self.page.wait_for_url("**/add/")
        self.take_up()
        self.forget_refusals()

    def test_wait_on_the_list_of_their_kind(self):
        self.open(self.address)
        self.write()
        self.open("/admin/articles/article/")
        self.offer().get_by_text("You have unsaved words of “An article").wait_for()
        self.offer().get_by_role("link", name="Open it").click()
        self.page.wait_for_url(f"**{self.address}")
        self.take_up()

    def test_of_two_tabs_stay_apart(self):
        self.open(self.address)
        self.write("First words")
        other = self.tab(self.address)
        self.body(other).fill("Second words")
        self.wait_until_kept("Second", other)
        self.write("First words, longer")
        self.wait_until_kept("longer")
        self.assertEqual(
            {draft["values"]["body"] for draft in self.kept()}, {"First words, longer", "Second words"}
        )
        other.close()

    def test_are_offered_to_nobody_else_at_this_browser(self):
        self.open(self.address)
        self.write()
        self.page.get_by_role("button", name="Log out").click()
        self.assertEqual(self.questions, ["beforeunload"])
        self.page.wait_for_url(self.live_server_url + "/")
        someone, self.user = self.user, make_user("Editors")
        self.open("/account/login/")
        self.sign_in_again(self.page)
        self.open(self.address)
        self.body().wait_for()
        self.assertEqual(self.offer().count(), 0)
        self.page.get_by_role("button", name="Log out").click()
        self.page.wait_for_url(self.live_server_url + "/")
        self.user = someone
        self.open("/account/login/")
        self.sign_in_again(self.page)
        self.open(self.address)
        self.take_up()
        self.forget_refusals()  # a preview that was under way

    def test_survive_a_refusal_and_are_dropped_once_they_are_saved(self):
        self.open(self.address)
        self.write("See [[code 999]], words")
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.locator(".errornote").wait_for()
        self.assertEqual(self.offer().count(), 0)
        self.wait_until_kept("code 999")
        self.page.reload()
        self.assertIn("beforeunload", self.questions)
        self.write()
        self.questions.clear()
        self.save()
        self.assertEqual((self.kept(), self.questions), ([], []))
        self.page.get_by_role("link", name="Home").click()
        self.assertEqual(self.questions, [])

    def test_survive_a_line_that_is_down(self):
        self.open(self.address)
        self.write()
        self.page.context.set_offline(True)
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.wait_for_timeout(500)
        self.page.context.set_offline(False)
        self.open(self.address)
        self.take_up()
        self.forget_refusals()

    def test_are_given_back_by_the_refusal_of_an_outdated_token(self):
        self.open(self.address)
        self.write()
        other = self.tab("/")
        other.get_by_role("button", name="Sign out").click()
        other.goto(self.live_server_url + "/account/login/")
        self.sign_in_again(other)
        other.close()
        self.page.get_by_role("button", name="Save as draft", exact=True).click()
        self.page.get_by_role("heading", name="This form was not accepted").wait_for()
        self.page.get_by_label("Body").fill(TYPED + " And more.")
        self.page.get_by_role("button", name="Send it again").click()
        self.page.wait_for_url("**/admin/articles/article/")
        self.assertEqual(self.newest(), TYPED + " And more.")
        self.assertEqual(self.kept(), [])
        self.forget_refusals()

    def test_are_asked_about_before_the_page_is_left(self):
        self.open(self.address)
        self.page.get_by_role("link", name="Home").click()
        self.page.wait_for_url("**/admin/")
        self.assertEqual(self.questions, [])
        self.open(self.address)
        self.write()
        self.page.get_by_role("link", name="Home").click()
        self.page.wait_for_url("**/admin/")
        self.assertEqual(self.questions, ["beforeunload"])
        self.open(self.address)
        self.write()
        self.write("Words.")
        self.page.get_by_role("link", name="Home").click()
        self.page.wait_for_url("**/admin/")
        self.assertEqual(self.questions, ["beforeunload"])

    def test_of_rows_choices_dates_and_names_come_back(self):
        other = make_article("The other one")
        self.open("/admin/articles/article/add/")
        self.page.get_by_label("Title:").click()
        self.page.keyboard.type("A title")
        self.page.locator(".field-topic .select2-selection").click()
        self.page.get_by_role("option", name="Understanding mail errors").click()
        self.page.locator("[name=publish_at_0]").fill("2027-01-02")
        self.page.locator("[name=publish_at_1]").fill("03:04:05")
        self.page.locator("[name=slug]").fill("my-own-name")
        self.page.locator(".add-row a").last.click()
        self.page.locator("[name=related_links-0-why]").fill("Why, in words")
        self.page.locator(".field-other .select2-selection").first.click()
        self.page.locator(".select2-search__field").last.fill("The other one")
        self.page.get_by_role("option", name="The other one").click()
        self.wait_until_kept("The other one")
        self.page.reload()
        self.offer().get_by_role("button", name="Take them up again").click()
        for name, value in (
            ("title", "A title"),
            ("slug", "my-own-name"),
            ("publish_at_0", "2027-01-02"),
            ("publish_at_1", "03:04:05"),
            ("related_links-0-why", "Why, in words"),
            ("related_links-0-other", str(other.pk)),
        ):
            self.assertEqual(self.page.locator(f"[name={name}]").input_value(), value, name)
        self.assertIn(
            "Understanding mail errors", self.page.locator(".field-topic .select2-selection").inner_text()
        )
        self.assertIn(
            "The other one", self.page.locator(".field-other .select2-selection").first.inner_text()
        )

    def test_of_inlines_with_a_preview_come_back(self):
        cause = Cause.objects.first()
        self.open(f"/admin/codes/cause/{cause.pk}/change/")
        self.page.locator(".add-row a").click()
        rows = self.page.locator("textarea[name^=advice-][name$=-text]:not([name*=__prefix__])")
        rows.last.fill("New **advice** in words")
        name = rows.last.get_attribute("name")
        self.wait_until_kept("advice")
        self.page.reload()
        self.offer().get_by_role("button", name="Take them up again").click()
        self.assertEqual(self.page.locator(f"[name={name}]").input_value(), "New **advice** in words")
        row = self.page.locator(".inline-related", has=self.page.locator(f"[name={name}]"))
        row.frame_locator("iframe[title=Preview]").locator("strong", has_text="advice").wait_for()

    def test_are_kept_on_every_form_without_passwords(self):
        self.page.context.clear_cookies()
        self.user = self.sign_in("superuser")
        self.open("/admin/accounts/user/add/")
        self.page.locator("[name=username]").fill("words")
        self.page.locator("[name=password1]").fill("not-to-be-kept")
        self.wait_until_kept("words")
        self.assertNotIn("not-to-be-kept", self.page.evaluate("JSON.stringify(localStorage)"))
        self.open("/admin/articles/tag/add/")
        self.page.get_by_label("Name:", exact=True).fill("Policies")
        self.wait_until_kept("Policies")
        self.page.locator("[name=slug]").fill("policies")
        self.page.locator("[name=_save]").click()
        self.page.wait_for_url("**/admin/articles/tag/")
        self.assertTrue(Tag.objects.filter(name="Policies").exists())
        self.assertEqual([draft["path"] for draft in self.kept()], ["/admin/accounts/user/add/"])

    def test_of_a_wording_that_was_tried_are_not_saved_yet(self):
        wording = Wording.objects.first()
        self.open(f"/admin/codes/wording/{wording.pk}/change/")
        self.page.locator("[name=meaning]").fill("Other words")
        self.page.get_by_role("button", name="Try", exact=True).click()
        self.page.get_by_role("heading", name="Its own samples").wait_for()
        self.assertEqual((self.questions, self.offer().count()), ([], 0))
        self.assertEqual(self.kept()[0]["values"]["meaning"], "Other words")
        self.page.locator("[name=meaning]").click()
        self.page.get_by_role("link", name="Home").click()
        self.assertEqual(self.questions, ["beforeunload"])
        self.open(f"/admin/codes/wording/{wording.pk}/change/")
        self.offer().get_by_role("button", name="Take them up again").click()
        self.assertEqual(self.page.locator("[name=meaning]").input_value(), "Other words")

    def test_are_of_no_use_where_nothing_can_be_kept(self):
        self.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
        )
        self.open(self.address)
        self.body().fill(TYPED)
        self.save()
        self.assertEqual(self.newest(), TYPED)
        self.complaints[:] = [said for said in self.complaints if said != "no"]  # of Django's own scripts


class Refusals(Writing):
    def test_are_said_in_the_preview_with_a_way_to_sign_in(self):
        self.open(self.address)
        self.page.frame_locator("iframe[title=Preview]").get_by_text("Words.").wait_for()
        Session.objects.all().delete()
        self.write()
        summary = self.page.locator("details.preview summary")
        summary.get_by_text("You are signed out").wait_for()
        self.assertEqual(self.page.frame_locator("iframe[title=Preview]").get_by_label("Password").count(), 0)
        with self.page.expect_popup() as opened:
            summary.get_by_role("link").click()
        self.sign_in_again(opened.value)
        opened.value.close()
        self.body().press_sequentially("!")
        self.page.frame_locator("iframe[title=Preview]").get_by_text(TYPED).wait_for()
        self.forget_refusals()

    def test_are_said_where_pictures_are_added(self):
        self.open(self.address)
        Session.objects.all().delete()
        file = {"name": "a.png", "mimeType": "image/png", "buffer": b"not looked at"}
        self.page.locator(".add-pictures input").set_input_files(file)
        status = self.page.locator(".add-pictures [role=status]")
        status.get_by_text("You are signed out").wait_for()
        self.assertEqual(status.get_by_role("link", name="Sign in in a new tab").count(), 1)
        self.forget_refusals()

    def test_are_said_by_lists_of_choices(self):
        self.open(self.address)
        Session.objects.all().delete()
        self.page.locator(".field-topic .select2-selection").click()
        self.page.locator("#server-says").get_by_text("You are signed out").wait_for()
        self.forget_refusals()


class AtTheDesk(BrowserTestCase):
    def test_a_decision_is_taken_after_signing_in_again(self):
        user = self.sign_in("Agents")
        comment = make_comment(make_article(), "Wait", state="pending")
        self.open("/desk/comments/")
        Session.objects.all().delete()
        self.page.get_by_role("button", name=f"Publish (comment {comment.pk}").click()
        self.page.get_by_role("heading", name="You are signed out").wait_for()
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name="Sign in in a new tab").click()
        Writing.sign_in_again(
            type("", (), {"user": user, "live_server_url": self.live_server_url}), opened.value
        )
        opened.value.close()
        self.page.get_by_role("button", name="Send it again").click()
        self.page.wait_for_url("**done=*")
        self.assertEqual(Comment.objects.get(pk=comment.pk).state, "published")
        self.complaints.clear()


class OnPublicPages(BrowserTestCase):
    def test_letters_and_reasons_come_back_in_the_same_tab_until_they_are_sent(self):
        self.open("/contact/")
        self.page.get_by_label("What happened?").fill("My mail is lost")
        self.page.reload()
        self.assertEqual(self.page.get_by_label("What happened?").input_value(), "My mail is lost")
        self.assertEqual(
            self.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"), 0
        )
        self.page.get_by_role("button", name="Go on").click()
        self.page.get_by_label("Your e-mail address").fill("anna@example.com")
        self.page.get_by_role("button", name="Send to our support").click()
        self.page.get_by_role("heading", name="Your message is on its way").wait_for()
        self.open("/contact/")
        self.assertEqual(self.page.get_by_label("What happened?").input_value(), "")

    def test_an_enter_that_ends_a_conversion_sends_nothing(self):
        self.open("/")
        box = self.page.locator("#ask-q")
        box.fill("メールボックス")
        for event in ({"keyCode": 229}, {"isComposing": True}):
            box.evaluate(
                "(box, more) => box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }))",
                event,
            )
        self.page.wait_for_timeout(300)
        self.assertEqual((self.page.url, box.input_value()), (f"{self.live_server_url}/", "メールボックス"))
        box.press("Enter")
        self.page.wait_for_url("**/search/?q=*")

    def test_what_one_person_typed_is_not_put_back_for_another(self):
        article = make_article()
        self.sign_in("Customers")
        self.open(article.get_absolute_url())
        self.page.get_by_role("textbox", name="Comment", exact=True).fill("Mine alone")
        self.page.get_by_role("button", name="Sign out").click()
        self.page.wait_for_url(self.live_server_url + "/")
        self.open(article.get_absolute_url())
        self.assertEqual(self.page.get_by_role("textbox", name="Comment", exact=True).input_value(), "")
