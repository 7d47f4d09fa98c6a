"""Every state of the comments, with a server that really fails; with script, and without where that can be."""

import re

from django.contrib.sessions.models import Session
from django.test import override_settings

from kb.comments.models import Closed, Comment
from kb.guard import throttle
from tests.browser.base import BrowserTestCase
from tests.browser.line import Line
from tests.comments.failing import comments_unreadable
from tests.comments.test_reading import fill
from tests.makers import make_article, make_comment

PROBLEM = "There was a problem loading the comments."


class WithComments(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article("Talked about", slug="talked-about")
        self.address = "/kb/talked-about/"
        self.region = self.page.locator("#comments")

    def write(self, text="Which port is it?", name="Anna"):
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_role("textbox", name="Comment", exact=True).fill(text)

    def post(self):
        self.page.get_by_role("button", name="Post comment").click()

    def expect(self, words):
        self.region.get_by_text(words).first.wait_for()

    def typed(self):
        return self.page.get_by_role("textbox", name="Comment", exact=True).input_value()

    def focused(self):
        return self.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")

    def press_to(self, role, name, most=60):
        """Tab on to the control with this role and name."""
        wanted = self.page.get_by_role(role, name=name, exact=True).first
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("node => node === document.activeElement"):
                return
        self.fail(f"Tab never came to {name}")


class States(WithComments):
    def test_1_stand_with_the_page(self):
        fill(self.article, 25)
        self.open(self.address)
        self.assertEqual(self.page.locator("#threads > li").count(), 20)
        self.expect("Showing 1–20 of 25")
        self.assertEqual(self.page.get_by_role("heading", name="Comments (25)").count(), 1)

    def test_2_are_empty(self):
        self.open(self.address)
        self.expect("No comments yet. Ask what the article leaves open.")
        self.assertEqual(self.page.get_by_role("button", name="Post comment").count(), 1)

    def test_3_could_not_be_read_and_come_back(self):
        make_comment(self.article, "Still here")
        with comments_unreadable():
            self.open(self.address)
            self.expect(PROBLEM)
            self.assertIn("Words.", self.page.locator("main article").first.inner_text())
            for gone in ("No comments yet", "(1)", "Post comment"):
                self.assertNotIn(gone, self.region.inner_text())
            for _ in range(2):
                self.assertFalse(self.page.get_by_text("Last tried at").is_visible())
                self.try_again()
                self.expect(PROBLEM)
            self.page.get_by_text("Last tried at").wait_for()
            self.assertIn("/contact/", self.region.locator(".failed").inner_html())
        self.try_again()
        self.expect("Still here")
        self.assertEqual(self.page.get_by_role("button", name="Post comment").count(), 1)
        self.assertEqual(self.page.get_by_text(PROBLEM).count(), 0)

    def try_again(self):
        """Wait for the answer, be it a page or a part of one."""
        with self.page.expect_response(lambda answer: "/comments/" in answer.url):
            self.page.get_by_role("link", name="Try again").click()
        self.page.wait_for_load_state()
        self.page.locator("[aria-busy=true]").first.wait_for(state="detached")

    def test_4_more_of_them(self):
        fill(self.article, 25)
        self.open(self.address)
        self.page.get_by_role("link", name="More comments").click()
        self.expect("Words 24")
        self.assertEqual(self.page.get_by_role("link", name="More comments").count(), 0)

    def test_5_answer_somebody_and_think_better_of_it(self):
        make_comment(self.article, "A question", name="Ben")
        make_comment(self.article, "Another")
        self.open(self.address)
        self.page.get_by_role("link", name="Reply to Ben").click()
        self.expect("Replying to Ben")
        self.assertTrue(self.page.locator("li.comment:has-text('A question') #comment-form").count())
        self.page.get_by_role("link", name="Cancel").click()
        self.page.locator("[data-replying]").wait_for(state="hidden")
        self.assertEqual(self.page.locator("li #comment-form").count(), 0)
        self.page.get_by_role("link", name="Reply to Ben").click()
        self.expect("Replying to Ben")
        self.write("An answer", name="Carla")
        self.post()
        self.expect("Visible to you only, waiting for approval")
        answer = Comment.objects.get(text="An answer")
        self.assertEqual(answer.parent.name, "Ben")
        self.assertEqual(self.page.locator("ol.replies").get_by_text("An answer").count(), 1)

    def test_6_are_sent_for_approval(self):
        make_comment(self.article, "Old", visitor="else")
        self.open(self.address)
        self.write()
        self.post()
        self.expect("Visible to you only, waiting for approval")
        self.in_view(Comment.objects.get(name="Anna", text__contains="port"))
        self.assertEqual(self.typed(), "")

    @override_settings(COMMENT_APPROVAL="none")
    def test_6_are_posted(self):
        fill(self.article, 3)
        self.open(self.address)
        self.write()
        self.post()
        self.expect("Posted")
        self.in_view(Comment.objects.get(text__contains="port"))
        self.assertEqual(self.page.get_by_role("heading", name="Comments (4)").count(), 1)

    def in_view(self, comment):
        box = self.page.locator(f"#c-{comment.pk} .said").bounding_box()
        self.assertTrue(0 <= box["y"] < 800, box)

    def test_7_are_refused_beside_the_field_and_nothing_is_lost(self):
        self.open(self.address)
        for name, text, words in (
            ("Anna", "", "Write something, then send it again."),
            ("", "Which port?", "Write a name; it is shown with your comment."),
            ("Anna", "long " * 1200, "That is 5999 characters. Shorten it to 5000"),
        ):
            self.write(text, name)
            self.post()
            self.expect(words)
            self.assertEqual(self.typed().strip(), text.strip())
            field = self.page.locator("[aria-invalid=true]").first
            said = field.get_attribute("aria-describedby").split()[-1]
            self.assertIn(words, self.page.locator(f"#{said}").inner_text())
        self.write("Short now")
        self.post()
        self.expect("Visible to you only")
        self.complaints[:] = [told for told in self.complaints if "422" not in told]

    @override_settings(LIMITING=True)
    def test_7_are_refused_when_too_quick(self):
        throttle._memory.cache_clear()
        self.open(self.address)
        self.write("One")
        self.post()
        self.expect("Visible to you only")
        self.write("Two")
        self.post()
        self.expect("That was quick.")
        self.assertEqual(self.typed(), "Two")
        self.complaints[:] = [told for told in self.complaints if "429" not in told]

    def test_7_are_refused_to_who_was_signed_out_meanwhile(self):
        self.sign_in("Customers")
        self.open(self.address)
        self.write("Written for long")
        Session.objects.all().delete()
        self.post()
        self.expect("You have been signed out meanwhile.")
        self.assertEqual(self.typed(), "Written for long")
        self.post()
        self.expect("Visible to you only")
        self.complaints[:] = [told for told in self.complaints if "422" not in told]

    def test_8_are_closed(self):
        make_comment(self.article, "Said before")
        Closed.objects.create(article=self.article)
        self.open(self.address)
        self.expect("Comments are closed.")
        self.expect("Said before")
        self.assertEqual(self.page.get_by_role("button", name="Post comment").count(), 0)

    def test_votes_and_votes_taken_back(self):
        comment = make_comment(self.article, "Good advice", name="Ben", visitor="ben")
        self.open(self.address)
        for pressed, score in (("true", 1), ("false", 0)):
            button = self.page.get_by_role("button", name="Helpful", exact=True)
            button.click()
            self.page.locator(f"[aria-pressed={pressed}]:text-is('Helpful')").wait_for()
            self.assertEqual(self.page.locator(".score").inner_text().split()[-1], str(score))
            comment.refresh_from_db()
            self.assertEqual(comment.score, score)

    def test_are_changed_deleted_and_reported(self):
        make_comment(self.article, "Bad words", name="Ben", visitor="ben")
        self.open(self.address)
        self.write("With a mistake")
        self.post()
        self.expect("Visible to you only")
        self.page.get_by_role("link", name="Edit").click()
        self.page.get_by_label("Comment", exact=True).fill("Without one")
        self.page.get_by_role("button", name="Save").click()
        self.expect("Without one")
        self.expect("edited")
        self.page.get_by_role("link", name="Delete").click()
        self.page.get_by_role("button", name="Delete it").click()
        self.page.wait_for_url("**/kb/talked-about/#comments")
        self.assertEqual(self.region.get_by_text("Without one").count(), 0)
        self.page.get_by_role("link", name="Report the comment by Ben").click()
        self.page.get_by_label("It is rude").check()
        self.page.get_by_role("button", name="Report it").click()
        self.page.get_by_text("Thank you. You have reported this comment").wait_for()

    def test_are_read_and_written_by_keyboard_alone(self):
        make_comment(self.article, "A question", name="Ben")
        self.open(self.address)
        self.press_to("link", "Reply to Ben")
        self.page.keyboard.press("Enter")
        self.expect("Replying to Ben")
        name = self.page.get_by_label("Name", exact=True)
        if not self.script:
            self.press_to("textbox", "Name")
        name.focus()
        self.page.keyboard.type("Anna")
        self.press_to("textbox", "Comment")
        self.page.keyboard.type("By keyboard")
        self.press_to("button", "Post comment")
        self.page.keyboard.press("Enter")
        self.expect("By keyboard")
        self.assertEqual(Comment.objects.get(text="By keyboard").parent.name, "Ben")
        # On from the new comment, not from the top of the page.
        self.page.keyboard.press("Tab")
        self.assertTrue(self.page.evaluate("document.activeElement.closest('#comments') !== null"))

    def test_have_names_for_those_who_hear_the_page(self):
        make_comment(self.article, "A question", name="Ben")
        self.open(self.address)
        for role, name in (
            ("region", "Comments (1)"),
            ("link", "Reply to Ben"),
            ("link", "Report the comment by Ben"),
            ("form", re.compile(r"^Did the comment by Ben of \d.+ help\?$")),
            ("button", "Helpful"),
            ("button", "Not helpful"),
            ("textbox", "Name"),
            ("textbox", "E-mail (optional)"),
            ("textbox", "Comment"),
            ("button", "Post comment"),
        ):
            found = self.region.get_by_role(role, name=name, exact=True)
            if role == "region":
                found = self.page.get_by_role(role, name=name, exact=True)
            self.assertEqual(found.count(), 1, name)
        self.assertEqual(self.page.get_by_role("textbox", name="Leave this empty").count(), 0)


class StatesWithoutScript(States):
    script = False


class WithScript(WithComments):
    """What happens in place: the page is never left."""

    def setUp(self):
        super().setUp()
        self.line = Line(self.live_server_url)
        self.addCleanup(self.line.close)
        self.live_server_url = self.line.url

    def tearDown(self):
        self.assertIn(self.page.url.split("#")[0], (f"{self.line.url}{self.address}", "about:blank"))
        super().tearDown()

    def forget_failures(self):
        """What the browser itself says about an answer that never came whole."""
        self.complaints[:] = [told for told in self.complaints if "Failed to load resource" not in told]

    def test_3_a_line_that_is_cut_or_silent_while_more_are_loaded(self):
        fill(self.article, 25)
        for trouble in ("cut", "silent"):
            with self.subTest(trouble=trouble):
                self.open(self.address)
                self.write("A long thought")
                self.line.befall(trouble, "part=1")
                self.page.get_by_role("link", name="More comments").click()
                alert = self.region.get_by_role("alert")
                alert.wait_for()
                self.assertIn(PROBLEM, alert.inner_text())
                self.assertIn("Your draft is safe.", alert.inner_text())
                self.assertEqual(self.focused(), "Try again")
                for _ in range(1 if trouble == "silent" else 2):
                    self.page.get_by_role("link", name="Try again").click()
                    self.page.locator("[aria-busy=true]").first.wait_for(state="detached")
                self.assertEqual(self.page.get_by_text("Last tried at").is_visible(), trouble == "cut")
                self.line.heal()
                self.page.get_by_role("link", name="Try again").click()
                self.expect("Words 24")
                self.assertEqual(self.region.get_by_role("alert").count(), 0)
                self.assertEqual(self.page.locator("#threads > li").count(), 25)
                self.assertEqual(self.typed(), "A long thought")
        self.forget_failures()

    def test_3_a_query_that_fails_while_another_order_is_loaded(self):
        fill(self.article, 3)
        self.open(self.address)
        with comments_unreadable():
            self.page.get_by_role("link", name="Newest").click()
            self.region.get_by_role("alert").get_by_text(PROBLEM).wait_for()
            self.assertEqual(self.page.locator("#threads > li").count(), 3)
        self.page.get_by_role("link", name="Try again").click()
        self.page.locator("#threads > li:first-child:has-text('Words 2')").wait_for()
        self.assertEqual(self.focused(), "Newest")

    def test_3_a_draft_outlives_a_page_whose_comments_failed(self):
        self.open(self.address)
        self.write("Half a thought")
        with comments_unreadable():
            self.page.reload()
            self.expect(PROBLEM)
        self.page.get_by_role("link", name="Try again").click()
        self.page.get_by_role("button", name="Post comment").wait_for()
        self.assertEqual(self.typed(), "Half a thought")
        self.assertEqual(self.focused(), "comments")

    def test_4_more_come_below_and_are_focused(self):
        fill(self.article, 45)
        self.open(self.address)
        for number in (20, 40):
            self.page.get_by_role("link", name="More comments").click()
            self.expect(f"Words {number}")
            comment = Comment.objects.get(text=f"Words {number}")
            self.page.locator(f"#c-{comment.pk}:focus").wait_for()
        self.assertEqual(self.page.locator("#threads > li").count(), 45)

    def test_4_is_busy_meanwhile(self):
        fill(self.article, 25)
        self.open(self.address)
        self.line.befall("silent", "part=1")
        self.page.get_by_role("link", name="More comments").click()
        self.page.locator("#threads[aria-busy=true]").wait_for()
        self.page.locator("a[data-load=more][aria-busy=true]").wait_for()
        self.line.open.set()
        self.region.get_by_role("alert").wait_for()
        self.assertEqual(self.page.locator("[aria-busy]").count(), 0)
        self.forget_failures()

    def test_5_the_form_moves_and_the_focus_with_it(self):
        comment = make_comment(self.article, "A question", name="Ben")
        self.open(self.address)
        self.page.get_by_role("link", name="Reply to Ben").click()
        self.assertEqual(self.focused(), "comment-text")
        self.assertEqual(self.page.locator(f"#c-{comment.pk} #comment-form").count(), 1)
        self.page.get_by_role("link", name="Cancel").click()
        self.assertEqual(self.focused(), "Reply")

    @override_settings(COMMENT_APPROVAL="none")
    def test_6_what_was_sent_is_focused_and_spoken_and_the_draft_is_gone(self):
        self.open(self.address)
        self.write()
        self.post()
        self.expect("Which port is it?")
        comment = Comment.objects.get()
        self.page.locator(f"#c-{comment.pk}:focus").wait_for()
        self.assertEqual(self.page.locator("#status").inner_text(), "Posted.")
        self.assertEqual(self.region.get_by_text("No comments yet").count(), 0)
        self.page.reload()
        self.assertEqual(self.typed(), "")

    def test_6_a_line_cut_while_sending_stores_once_and_loses_nothing(self):
        self.open(self.address)
        self.write("Sent through a bad line")
        self.line.befall("cut", "POST .*part=1")
        self.post()
        self.expect("It could not be sent. Draft kept")
        self.assertEqual(self.typed(), "Sent through a bad line")
        self.assertEqual(Comment.objects.count(), 1)
        self.line.heal()
        self.post()
        self.expect("Visible to you only")
        self.assertEqual(Comment.objects.count(), 1)
        self.forget_failures()

    def test_6_a_database_that_cannot_store_says_so_and_loses_nothing(self):
        self.open(self.address)
        self.write("For a broken table")
        with comments_unreadable():
            self.post()
            self.expect("Draft kept")
        self.assertEqual(self.typed(), "For a broken table")
        self.post()
        self.expect("Visible to you only")
        self.forget_failures()

    def test_7_the_summary_of_what_is_wrong_is_focused(self):
        self.open(self.address)
        self.write("", name="")
        self.post()
        alert = self.region.get_by_role("alert")
        alert.wait_for()
        self.assertTrue(alert.evaluate("node => node === document.activeElement"))
        self.assertEqual(alert.get_by_role("link").count(), 2)
        alert.get_by_role("link").first.click()
        self.assertEqual(self.focused(), "comment-name")
        self.forget_failures()

    def test_9_offline_keeps_the_draft(self):
        self.open(self.address)
        self.write("Written on a train")
        self.page.context.set_offline(True)
        self.post()
        self.expect("You are offline. Draft kept.")
        self.assertEqual(self.typed(), "Written on a train")
        self.page.context.set_offline(False)
        self.page.reload()
        self.assertEqual(self.typed(), "Written on a train")
        self.post()
        self.expect("Visible to you only")

    def test_a_vote_that_is_not_counted_says_so(self):
        make_comment(self.article, "Advice", visitor="ben")
        self.open(self.address)
        self.line.befall("cut", "/vote/")
        self.page.get_by_role("button", name="Helpful", exact=True).click()
        self.expect("Not counted. Try again.")
        self.line.heal()
        self.page.get_by_role("button", name="Helpful", exact=True).click()
        self.page.locator("[aria-pressed=true]").wait_for()
        self.assertEqual(self.page.get_by_text("Not counted").count(), 0)
        self.forget_failures()


class OnPaper(WithComments):
    def test_comments_stay_away_unless_asked_for(self):
        make_comment(self.article, "For the record")
        self.open(self.address)
        self.page.emulate_media(media="print")
        self.assertFalse(self.region.is_visible())
        self.page.emulate_media(media="screen")
        self.page.get_by_role("link", name="Print with comments").click()
        self.page.emulate_media(media="print")
        self.assertTrue(self.page.get_by_text("For the record").is_visible())
        for gone in ("#comment-form", ".does", "[data-orders]", "#reply"):
            self.assertEqual(self.page.locator(f"{gone}:visible").count(), 0, gone)
