import re
from unittest import mock

from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from kb.accounts.models import User
from kb.jobs.models import Job, Mail
from kb.jobs.tasks import trim_mails
from kb.jobs.working import run_due
from tests.makers import make_user

NEW = "a new horse of wood"


def link_in(text):
    return re.search(r"http://127\.0\.0\.1:8000(/account/reset/\S+)", text)[1]


class TheAccount(TestCase):
    def test_is_a_page_of_ones_own_for_everybody(self):
        for group, word in (
            ("", "Customer"),
            ("Agents", "Agent"),
            ("Editors", "Editor"),
            ("Admins", "Admin"),
        ):
            user = make_user(group, email="anna@example.org")
            self.client.force_login(user)
            page = self.client.get("/account/")
            for words in (
                user.username,
                word,
                "anna@example.org",
                "/account/password_change/",
                "/account/logout/",
            ):
                self.assertContains(page, words)
            self.assertIn("no-store", page["Cache-Control"])
            self.assertContains(self.client.get("/"), 'href="/account/"', count=2)

    def test_is_led_to_by_the_sign_in(self):
        self.assertRedirects(self.client.get("/account/"), "/account/login/?next=/account/")
        self.assertContains(self.client.get("/account/login/"), 'href="/account/password_reset/"')

    def test_offers_the_desk_and_the_administration_by_role(self):
        for group, desk, admin in (("", 0, 0), ("Agents", 1, 0), ("Editors", 1, 1)):
            self.client.force_login(make_user(group))
            text = self.client.get("/account/").content.decode()
            self.assertEqual(
                ('class="btn" href="/desk/"' in text, 'class="btn" href="/admin/"' in text), (desk, admin)
            )


class ChangingIt(TestCase):
    def change(self, browser, old="right horse"):
        words = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
        return browser.post("/account/password_change/", words)

    def test_is_open_to_everybody_and_ends_other_sessions(self):
        for group in ("", "Agents", "Editors", "superuser"):
            user = make_user(group)
            here, there = Client(), Client()
            for browser in (here, there):
                browser.force_login(user)
            self.assertRedirects(self.change(here), "/account/password_change/done/")
            self.assertEqual(here.get("/account/").status_code, 200)
            self.assertEqual(there.get("/account/").status_code, 302)
            user.refresh_from_db()
            self.assertTrue(user.check_password(NEW))

    def test_needs_the_old_one(self):
        user = make_user()
        self.client.force_login(user)
        self.assertContains(self.change(self.client, old="wrong"), "incorrectly")
        user.refresh_from_db()
        self.assertTrue(user.check_password("right horse"))

    def test_is_found_by_password_managers_and_from_the_admin(self):
        page = self.client.get("/.well-known/change-password")
        self.assertEqual((page.status_code, page["Location"]), (302, "/account/password_change/"))
        self.assertEqual(self.client.get("/account/password_change/").status_code, 302)
        self.client.force_login(make_user("Editors"))
        self.assertRedirects(self.client.get("/admin/password_change/"), "/account/password_change/")


class ResettingIt(TestCase):
    def ask(self, address):
        page = self.client.post("/account/password_reset/", {"email": address}, follow=True)
        run_due()
        return page

    def mails(self):
        return Mail.objects.filter(key__startswith="password-reset:").order_by("pk")

    def test_answers_the_same_for_known_and_unknown_addresses(self):
        make_user(email="anna@example.org")
        pages = [
            self.client.post("/account/password_reset/", {"email": f"{name}@example.org"})
            for name in ("anna", "eve")
        ]
        self.assertEqual({page["Location"] for page in pages}, {"/account/password_reset/done/"})
        self.assertEqual(Job.objects.filter(name="password_reset").count(), 2)
        self.assertFalse(Job.objects.filter(key__contains="@").exists())
        run_due()
        self.assertEqual(self.mails().get().recipient, "anna@example.org")

    def test_sets_a_new_one_once_by_the_link_and_ends_all_sessions(self):
        user = make_user(email="anna@example.org")
        there = Client()
        there.force_login(user)
        self.assertContains(self.ask("Anna@example.org"), "Look into your mail")
        link = link_in(self.mails().get().text)
        form = self.client.get(link, follow=True)
        self.assertContains(form, "Choose a new password")
        address = form.request["PATH_INFO"]
        self.assertNotIn(link.split("/")[-2], address)
        done = self.client.post(address, {"new_password1": NEW, "new_password2": NEW})
        self.assertRedirects(done, "/account/reset/done/")
        user.refresh_from_db()
        self.assertTrue(user.check_password(NEW))
        self.assertEqual(there.get("/account/").status_code, 302)
        self.assertContains(Client().get(link, follow=True), "This link no longer works")

    def test_floods_nobody_with_mails(self):
        make_user(email="anna@example.org")
        with mock.patch("time.time", lambda: 1_000_000):
            for _ in range(4):
                self.ask("anna@example.org")
        self.assertEqual(self.mails().count(), 1)

    def test_sends_nothing_to_who_cannot_sign_in_by_password(self):
        make_user(email="off@example.org", is_active=False)
        without = make_user(email="without@example.org")
        without.set_unusable_password()
        without.save()
        make_user()
        for address in ("off@example.org", "without@example.org", ""):
            self.ask(address)
        self.assertEqual(self.mails().count(), 0)

    def test_sends_nothing_outside_the_outbox_and_forgets_what_it_sent(self):
        make_user(email="anna@example.org")
        self.ask("anna@example.org")
        self.assertEqual(mail.outbox, [])
        self.assertNotIn(link_in(self.mails().get().text), str(Job.objects.values_list("key", "last_error")))
        Mail.objects.update(made_at=timezone.now() - timezone.timedelta(days=60))
        trim_mails()
        self.assertEqual(self.mails().get().text, "")

    def test_keeps_the_link_to_this_site_whatever_host_was_asked(self):
        make_user(email="anna@example.org")
        with self.settings(ALLOWED_HOSTS=["*"]):
            self.client.post(
                "/account/password_reset/", {"email": "anna@example.org"}, headers={"host": "evil.example"}
            )
        run_due()
        self.assertNotIn("evil", self.mails().get().text)

    def test_takes_no_user_with_another_address_that_looks_the_same(self):
        User.objects.filter(pk=make_user(email="mike@example.org").pk)
        self.ask("mıke@example.org")
        self.assertEqual(self.mails().count(), 0)
