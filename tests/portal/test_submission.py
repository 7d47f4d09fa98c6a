"""What a refused form had in it comes back on the page of the refusal."""

import re
import uuid
from unittest import mock

from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase, override_settings

from kb.accounts.models import User
from kb.articles.models import Article
from kb.codes.models import Code
from kb.comments.models import Comment
from kb.guard import throttle
from tests.forms import opened
from tests.makers import code, make_article, make_comment, make_user
from tests.portal.people import CROSS, OURS

WORDS = "An hour's text\r\nwith “quotes” & <script>alert(1)</script>"
ADD = "/admin/articles/article/add/"


def sent_again(browser, page, **changed):
    """As somebody who presses the button of the page."""
    html = page.content.decode()
    form = re.search(r"<form[^>]*data-resend.*?</form>", html, re.DOTALL)[0]
    action = re.search(r'action="([^"]*)"', form)[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', form)
    fields = {
        field.name: field.value
        for field in [*page.context["submission"].words, *page.context["submission"].others]
    }
    return browser.post(
        action, {**fields, "csrfmiddlewaretoken": token[1] if token else "", **changed}, headers=OURS
    )


def with_token(browser, address="/account/login/"):
    browser.get(address)
    return browser.cookies["csrftoken"].value


class APage(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_user("Editors")

    def setUp(self):
        self.browser = Client(enforce_csrf_checks=True)
        self.browser.force_login(self.editor)

    def assertGivesBack(self, page, status=403):
        self.assertEqual(page.status_code, status)
        self.assertContains(
            page, "with “quotes” &amp; &lt;script&gt;alert(1)&lt;/script&gt;", status_code=status
        )
        self.assertNotContains(page, "<script>alert(1)", status_code=status)
        self.assertIn("no-store", page["Cache-Control"])

    def post(self, address=ADD, headers=OURS, **fields):
        return self.browser.post(address, {"title": "A title", "body": WORDS, **fields}, headers=headers)


class OfAnOutdatedToken(APage):
    def test_gives_the_words_back_and_takes_them_again(self):
        record = code("550")
        address = f"/admin/codes/code/{record.pk}/change/"
        fields = opened(self.browser, address)
        page = self.post(
            address, **{**fields, "meaning": "Typed for an hour.", "csrfmiddlewaretoken": "a" * 64}
        )
        self.assertContains(page, "Typed for an hour.", status_code=403)
        for lost in ("reload the page", "Reload"):
            self.assertNotContains(page, lost, status_code=403)
        self.assertContains(page, f"You are signed in as {self.editor.username}", status_code=403)
        self.assertRedirects(
            sent_again(self.browser, page), "/admin/codes/code/", fetch_redirect_response=False
        )
        self.assertEqual(Code.objects.get(pk=record.pk).meaning, "Typed for an hour.")

    def test_names_the_fields_as_the_form_does(self):
        page = self.post(**{"related_links-0-why": "Both are about it"})
        self.assertGivesBack(page)
        for label in ("Title", "Body", "Related links 1: Why"):
            self.assertRegex(page.content.decode(), rf"<label[^>]*>{label}</label>")

    def test_keeps_choices_and_hidden_fields_out_of_sight_but_sends_them(self):
        key = str(uuid.uuid4())
        page = self.post(
            topic="3", state="draft", once=key, _publish="Save and publish", **{"x-TOTAL_FORMS": "2"}
        )
        shown = {field.name for field in page.context["submission"].words}
        self.assertEqual(shown, {"title", "body"})
        sent = {field.name: field.value for field in page.context["submission"].others}
        self.assertEqual(
            sent,
            {
                "topic": "3",
                "state": "draft",
                "once": key,
                "_publish": "Save and publish",
                "x-TOTAL_FORMS": "2",
            },
        )

    def test_never_shows_passwords_tokens_or_files(self):
        page = self.browser.post(
            "/admin/accounts/user/add/",
            {
                "username": "anna",
                "password1": "horse-1",
                "password2": "horse-2",
                "reset_token": "token-3",
                "csrfmiddlewaretoken": "b" * 64,
                "picture": SimpleUploadedFile("a.png", b"secret-4"),
            },
            headers=OURS,
        )
        for secret in ("horse-1", "horse-2", "token-3", "b" * 64, "secret-4"):
            self.assertNotContains(page, secret, status_code=403)
        self.assertContains(page, 'type="password"', 2, status_code=403)
        self.assertContains(page, "Choose “a.png” again", status_code=403)
        self.assertContains(page, 'enctype="multipart/form-data"', status_code=403)

    def test_signs_in_and_out(self):
        stranger = Client(enforce_csrf_checks=True)
        page = stranger.post(
            "/account/login/", {"username": self.editor.username, "password": "wrong"}, headers=OURS
        )
        self.assertNotContains(page, "wrong", status_code=403)
        self.assertRedirects(sent_again(stranger, page, password="right horse"), "/")
        page = stranger.post("/account/logout/", headers=OURS)
        self.assertContains(page, "Send it again", status_code=403)
        self.assertRedirects(sent_again(stranger, page), "/")
        self.assertNotIn("_auth_user_id", stranger.session)

    def test_offers_strangers_to_sign_in_in_another_tab(self):
        page = Client(enforce_csrf_checks=True).post(ADD, {"body": WORDS}, headers=OURS)
        self.assertGivesBack(page)
        self.assertContains(page, 'target="_blank"', status_code=403)

    def test_gives_nothing_to_send_to_another_site(self):
        for headers in (*CROSS, {}):
            with self.subTest(headers=headers):
                page = self.post(headers=headers)
                self.assertGivesBack(page)
                main = page.content.decode().partition("<main")[2].partition("</main>")[0]
                for means in ("<form", "<button", "<input"):
                    self.assertNotIn(means, main)

    def test_sends_to_this_site_whatever_the_address_is(self):
        page = self.browser.post('//evil.example/"><b>', {"body": WORDS}, headers=OURS)
        self.assertNotContains(page, 'action="//evil', status_code=page.status_code)
        self.assertNotContains(page, "<b>", status_code=page.status_code)

    def test_says_so_of_what_is_too_long_to_be_shown(self):
        page = self.browser.post(ADD, {"body": "x" * 1024 * 1024 + "y"}, headers=OURS)
        self.assertContains(page, "cannot be shown here", status_code=403)
        self.assertNotContains(page, "xxxx", status_code=403)


class OfASessionThatEnded(APage):
    def setUp(self):
        super().setUp()
        self.token = with_token(self.browser, ADD)

    def test_gives_the_words_back_with_a_way_to_sign_in(self):
        Session.objects.all().delete()
        page = self.post(csrfmiddlewaretoken=self.token)
        self.assertGivesBack(page)
        self.assertContains(page, "You are signed out", status_code=403)
        self.assertRegex(page.content.decode(), r'href="/account/login/" target="_blank"')

    def test_ends_well_without_script(self):
        Session.objects.all().delete()
        fields = {
            "slug": "typed",
            "topic": str(make_article().topic_id),
            "audience": "public",
            "state": "draft",
        }
        fields |= {f"related_links-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        page = self.post(csrfmiddlewaretoken=self.token, summary="Short.", **fields)
        token = with_token(self.browser)
        self.browser.post(
            "/account/login/",
            {"username": self.editor.username, "password": "right horse", "csrfmiddlewaretoken": token},
        )
        page = sent_again(self.browser, page)
        self.assertGivesBack(page)  # the token has changed with the sign-in
        page = sent_again(self.browser, page)
        self.assertEqual(page.status_code, 302)
        self.assertEqual(Article.objects.get(slug="typed").newest.title, "A title")

    def test_gives_words_back_at_the_desk_too(self):
        self.browser.force_login(make_user("Agents"))
        comment = make_comment(make_article(), state="pending")
        token = with_token(self.browser, "/desk/comments/")
        Session.objects.all().delete()
        page = self.browser.post(
            "/desk/comments/",
            {"one": f"publish:{comment.pk}", "note": WORDS, "csrfmiddlewaretoken": token},
            headers=OURS,
        )
        self.assertGivesBack(page)
        self.assertContains(page, "You are signed out", status_code=403)
        self.assertEqual(Comment.objects.get(pk=comment.pk).state, "pending")

    def test_leads_readers_to_sign_in_as_before(self):
        for address in (ADD, "/desk/comments/"):
            self.assertEqual(Client().get(address).status_code, 302)


class OfARightTakenAway(APage):
    def test_gives_the_words_back(self):
        self.token = with_token(self.browser, ADD)
        for group in ("Agents", "Customers"):
            User.objects.get(pk=self.editor.pk).groups.set([make_user(group).groups.get()])
            page = self.post(csrfmiddlewaretoken=self.token)
            self.assertGivesBack(page)
            self.assertContains(page, "Only editors and admins", status_code=403)

    def test_gives_them_back_where_one_kind_of_record_is_closed(self):
        page = self.post("/admin/accounts/user/add/", csrfmiddlewaretoken=with_token(self.browser, ADD))
        self.assertGivesBack(page)


class OfTrouble(APage):
    def setUp(self):
        super().setUp()
        self.token = with_token(self.browser, ADD)

    def broken(self, problem):
        browser = self.browser
        browser.raise_request_exception = False
        with mock.patch("kb.articles.admin.ArticleAdmin.changeform_view", side_effect=problem):
            return self.post(csrfmiddlewaretoken=self.token)

    def test_of_a_full_disk(self):
        with self.assertLogs("kb.portal.trouble", "ERROR"):
            page = self.broken(OSError(28, "No space left"))
        self.assertGivesBack(page, 503)
        self.assertContains(page, "Nothing was stored", status_code=503)

    def test_of_a_fault_of_ours(self):
        with self.assertLogs("kb.portal.errors", "ERROR"):
            page = self.browser_fault()
        self.assertEqual(page.status_code, 500)
        self.assertContains(page, "with “quotes” &amp; &lt;script&gt;", status_code=500)
        self.assertContains(page, "Send it again", status_code=500)

    def browser_fault(self):
        return self.broken(ValueError("ours"))

    @override_settings(LIMITING=True)
    def test_of_too_many_tries(self):
        throttle._memory.cache_clear()
        article = make_article()
        browser = Client(headers=OURS)
        for _ in range(20):
            browser.post(f"/kb/{article.slug}/vote/", {"useful": "no", "text": WORDS})
        page = browser.post(f"/kb/{article.slug}/vote/", {"useful": "no", "text": WORDS})
        throttle._memory.cache_clear()
        self.assertContains(page, "with “quotes” &amp; &lt;script&gt;", status_code=429)
        self.assertContains(page, "Send it again", status_code=429)
        self.assertNotContains(page, "Nothing was lost", status_code=429)

    def test_of_what_is_not_there_any_more(self):
        page = Client(headers=OURS).post("/c/999999/edit/", {"text": WORDS})
        self.assertContains(page, "with “quotes” &amp; &lt;script&gt;", status_code=404)

    def test_keeps_no_file_on_the_way(self):
        with mock.patch("django.core.files.uploadedfile.TemporaryUploadedFile.__init__") as on_disk:
            page = Client().post(
                "/ask/",
                {"q": WORDS, "mail": SimpleUploadedFile("mail.eml", b"x" * 3_000_000)},
                headers={"sec_fetch_site": "cross-site"},
            )
        self.assertContains(page, "with “quotes” &amp; &lt;script&gt;", status_code=403)
        on_disk.assert_not_called()


class WhatWasSaved(APage):
    def saved(self, page):
        return page.cookies["codebook_saved"].value if "codebook_saved" in page.cookies else None

    def test_is_said_to_the_script_that_kept_it(self):
        self.client.force_login(self.editor)
        fields = {"name": "Policy", "slug": "policy"}
        page = self.client.post("/admin/articles/tag/add/", {**fields, "_draft": "abc123"})
        self.assertEqual((page.status_code, self.saved(page)), (302, "abc123"))

    def test_is_said_of_a_record_added_in_a_popup(self):
        self.client.force_login(self.editor)
        fields = {"name": "Policy", "slug": "policy", "_popup": "1", "_draft": "abc123"}
        page = self.client.post("/admin/articles/tag/add/?_popup=1", fields)
        self.assertEqual((page.status_code, self.saved(page)), (200, "abc123"))

    def test_is_not_said_of_what_was_refused(self):
        self.client.force_login(self.editor)
        for address, fields in (
            ("/admin/articles/tag/add/", {"name": "", "slug": "policy"}),
            ("/admin/articles/tag/9999/change/", {"name": "Policy", "slug": "policy"}),
        ):
            self.assertIsNone(self.saved(self.client.post(address, {**fields, "_draft": "abc123"})), address)
        self.client.logout()
        page = self.client.post(
            "/admin/articles/tag/add/", {"name": "Policy", "slug": "policy", "_draft": "abc123"}
        )
        self.assertIsNone(self.saved(page))

    def test_is_said_in_letters_and_digits_alone(self):
        self.client.force_login(self.editor)
        fields = {"name": "Policy", "slug": "policy", "_draft": "a; path=/; evil"}
        self.assertIsNone(self.saved(self.client.post("/admin/articles/tag/add/", fields)))
