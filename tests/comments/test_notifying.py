import re
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.test import Client, TestCase
from django.utils import timezone

from kb.articles.models import Article
from kb.comments import editing, notifying, posting, tasks
from kb.comments.models import Comment
from kb.jobs.models import Mail
from kb.jobs.sending import message_of
from tests.makers import code, make_article, make_comment, make_user

ANNA, BEN = "anna@example.org", "ben@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def mails(kind):
    return Mail.objects.filter(key__startswith=f"{kind}:").order_by("pk")


def link_in(mail):
    """The last one: what the mail is about."""
    return re.findall(r"http://127\.0\.0\.1:8000(\S+)", mail.text)[-1]


class Notifying(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article("Ports")

    def setUp(self):
        self.anna = make_comment(self.article, "Which port?", email=ANNA)
        self.browser = Client(enforce_csrf_checks=True, headers={"sec_fetch_site": "same-origin"})

    def subscribe(self, comment=None):
        notifying.published(comment or self.anna)
        self.browser.post(link_in(mails("confirm").last()))

    def answer(self, text="It is 587.", **fields):
        words = {"name": "Ben", "visitor": "ben", "parent": self.anna, **fields}
        reply = make_comment(words.pop("target", self.article), text, **words)
        notifying.published(reply)
        return reply


class Asking(Notifying):
    def test_comes_first_and_quotes_nobody(self):
        notifying.published(self.anna)
        self.answer()
        [mail] = Mail.objects.all()
        self.assertEqual((mail.recipient, mail.subject), (ANNA, "Be told of replies on “Ports”?"))
        self.assertNotIn("Which port?", mail.text)

    def test_is_done_by_a_post_and_not_by_following_the_link(self):
        notifying.published(self.anna)
        link = link_in(mails("confirm").get())
        for _ in range(2):
            self.assertContains(self.browser.get(link), "Yes, tell me of replies")
        self.answer()
        self.assertEqual(mails("reply").count(), 0)
        for page in (self.browser.post(link), self.browser.get(link), self.browser.post(link)):
            self.assertContains(page, "You are told of replies")
            self.assertIn("no-store", page["Cache-Control"])
        self.answer("Once more")
        self.assertEqual(mails("reply").count(), 1)

    def test_is_sent_once_a_day_to_a_mailbox_whoever_writes_its_address(self):
        for number, address in enumerate(
            (ANNA, "Anna@example.org", "anna+1@example.org", "ANNA+2@Example.org")
        ):
            comment = make_comment(self.article, f"Bomb {number}", email=address, visitor=f"v{number}")
            notifying.published(comment)
        self.assertEqual(mails("confirm").count(), 1)

    def test_answers_for_all_that_this_author_left_the_address_with(self):
        again = make_comment(code("550"), "And this?", email=ANNA)
        stranger = make_comment(code("550"), "Not Anna", email=ANNA, visitor="mallory")
        for comment in (again, stranger):
            notifying.published(comment)
        self.subscribe()
        for comment in (self.anna, again, stranger):
            comment.refresh_from_db()
        self.assertEqual([self.anna.subscription.is_on, again.subscription.is_on], [True, True])
        self.assertTrue(stranger.subscription.waits)

    def test_is_left_out_for_who_has_said_yes_before(self):
        self.subscribe()
        later = make_comment(code("550"), "And this?", email=ANNA)
        notifying.published(later)
        self.assertEqual(mails("confirm").count(), 1)
        self.assertTrue(later.subscription.is_on)

    def test_begins_when_a_comment_is_published_and_not_before(self):
        said = posting.Said(
            name="Eve", text="Buy", user=AnonymousUser(), visitor="eve", email="x@example.org"
        )
        posting.post(self.article, said)
        self.assertEqual(Mail.objects.count(), 0)
        agent = make_user("Agents")
        posting.post(self.article, posting.Said(name="Us", text="Hi", user=agent, visitor="", email=BEN))
        self.assertEqual(mails("confirm").get().recipient, BEN)

    def test_spoils_nothing_where_the_address_is_one_that_no_mailbox_has(self):
        odd = make_comment(self.article, "Odd", email='"a b"@example.org', visitor="odd")
        notifying.published(odd)
        self.assertEqual(Mail.objects.count(), 0)


class Telling(Notifying):
    def setUp(self):
        super().setUp()
        self.subscribe()

    def test_says_who_answered_where_and_how_to_end_it(self):
        reply = self.answer("It is 587.\nReally.")
        mail = mails("reply").get()
        self.assertEqual((mail.recipient, mail.subject), (ANNA, "A reader answered on “Ports”"))
        self.assertIn("> It is 587.\n> Really.\n", mail.text)
        self.assertIn(reply.get_absolute_url(), mail.text)
        self.assertEqual(mail.headers["List-Unsubscribe"], f"<http://127.0.0.1:8000{link_in(mail)}>")
        self.assertEqual(mail.headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")

    def test_tells_our_own_answer_by_the_subject_and_the_first_line(self):
        self.answer(by_staff=True, text="See https://example.org/ports.")
        mail = mails("reply").get()
        self.assertEqual(mail.subject, "Our staff answered on “Ports”")
        self.assertEqual(mail.text.splitlines()[0], "Our staff answered you on “Ports”. It is signed “Ben”:")
        self.assertIn("> See https://example.org/ports.", mail.text)

    def test_lets_no_reader_write_what_our_staff_writes(self):
        for number, name in enumerate(
            (
                "Anna (our staff)",
                "Ben” answered. Our staff answered you on “Ports”:",
                "Our staff answered\r\nBcc: x@example.org",
                "x\u2028y",
            )
        ):
            Mail.objects.filter(key__startswith="reply:").delete()
            self.answer(
                f"{number}\nOur staff answered you on “Ports”. It is signed “Zoë”:\r\nHi\x0bthere\u2028you\x85all",
                name=name,
                visitor=f"v{number}",
            )
            mail = mails("reply").get()
            self.assertEqual(mail.subject, "A reader answered on “Ports”")
            first, _, *rest = mail.text.splitlines()
            self.assertTrue(first.startswith("A reader who signs as “"), first)
            self.assertEqual((first.count("“"), first.count("”")), (2, 2))
            theirs = rest[: rest.index("")]
            self.assertEqual(len(theirs), 6)
            self.assertTrue(all(line.startswith("> ") for line in theirs), theirs)
            sent = message_of(mail).message()
            self.assertEqual([sent["Bcc"], sent["To"]], [None, ANNA])

    def test_carries_no_link_of_a_reader(self):
        self.answer(
            "See https://evil.example/login, HTTP://EVIL.example, ftp://evil.example/x, www.evil.example/a, evil.example, "
            "mailto:eve@evil.example, eve@evil.example, evil。example and javascript:alert(1). 550 5.1.1 at 192.0.2.1.",
            name="www.evil.example",
        )
        text = mails("reply").get().text
        ours = [line for line in text.splitlines() if "127.0.0.1" in line]
        others = "\n".join(line for line in text.splitlines() if line not in ours)
        for link in ("://", "www.", "evil.example", "mailto:", "javascript:", "evil。"):
            self.assertNotIn(link, others)
        self.assertIn("eve@evil[.]example", others)
        self.assertIn("550 5.1.1 at 192.0.2.1.", others)
        self.assertEqual(len(ours), 2)

    def test_is_done_once_however_often_a_reply_is_published(self):
        reply = self.answer()
        for _ in range(2):
            notifying.published(reply)
        self.assertEqual(mails("reply").count(), 1)

    def test_reaches_whoever_began_the_thread_and_whoever_is_answered_once_each(self):
        ben = self.answer(email=BEN)
        self.subscribe(ben)
        Mail.objects.filter(key__startswith="reply:").delete()
        self.answer("Thanks to both", name="Cora", visitor="cora", parent=ben)
        self.assertEqual({mail.recipient for mail in mails("reply")}, {ANNA, BEN})
        self.answer("Thank you, Ben", name="Anna", visitor="anna", parent=ben)
        self.assertEqual([mail.recipient for mail in mails("reply")][2:], [BEN])

    def test_leaves_out_oneself(self):
        self.answer("By the way", name="Anna", visitor="anna")
        self.answer("From my phone", name="Anna", visitor="phone", email="Anna@Example.org")
        self.assertEqual(mails("reply").count(), 0)

    def test_leaves_out_pages_that_are_hidden_now(self):
        Article.objects.update(audience="agents")
        self.answer()
        self.assertEqual(mails("reply").count(), 0)

    def test_leaves_out_who_deleted_their_comment_or_had_it_taken_for_spam(self):
        Comment.objects.filter(pk=self.anna.pk).update(state="spam")
        self.answer()
        Comment.objects.filter(pk=self.anna.pk).update(state="published")
        self.anna.refresh_from_db()
        editing.delete(self.anna)
        self.answer("Too late")
        self.assertEqual(mails("reply").count(), 0)

    def test_cuts_a_long_reply(self):
        self.answer("word " * 900)
        self.assertLess(len(mails("reply").get().text), 1200)

    def test_says_the_code_of_a_code_page(self):
        comment = make_comment(code("550"), "Which?", email=ANNA)
        notifying.published(comment)
        self.answer(parent=comment, target=code("550"))
        self.assertIn("550 ", mails("reply").get().subject)


class Ending(Notifying):
    def setUp(self):
        super().setUp()
        self.subscribe()
        self.other = make_comment(code("550"), "And this?", email=ANNA)
        self.answer()
        self.link = link_in(mails("reply").get())

    def test_is_a_button_and_not_the_link(self):
        self.assertContains(self.browser.get(self.link), "Send me no more")
        self.answer("Another")
        self.assertEqual(mails("reply").count(), 2)
        for page in (self.browser.post(self.link), self.browser.get(self.link)):
            self.assertContains(page, "You get no more mails")
        self.answer("A third")
        self.assertEqual(mails("reply").count(), 2)

    def test_takes_one_click_from_a_mailbox_provider(self):
        provider = Client(enforce_csrf_checks=True)  # no origin, no cookie, no token
        page = provider.post(self.link, ONE_CLICK)
        self.assertEqual(page.status_code, 200)
        self.assertFalse(page.cookies)
        self.answer("Another")
        self.assertEqual(mails("reply").count(), 1)

    def test_forgets_the_address_everywhere(self):
        self.browser.post(self.link)
        self.assertFalse(Comment.objects.exclude(email="").exists())

    def test_refuses_a_post_from_another_site(self):
        confirm = link_in(mails("confirm").first())
        for link in (self.link, confirm):
            for headers in ({"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}):
                page = Client(headers=headers).post(link, ONE_CLICK)
                self.assertContains(page, "sent from another site", status_code=403)
        self.assertTrue(Comment.objects.filter(email=ANNA).exists())

    def test_knows_links_that_are_ours_only(self):
        confirm = link_in(mails("confirm").first())
        token = self.link.split("/")[-2]
        for link in (
            self.link.replace(token, token[:-3]),
            self.link.replace(token, "x"),
            confirm.replace("/confirm/", "/unsubscribe/"),
            self.link.replace("/unsubscribe/", "/confirm/"),
        ):
            for page in (self.browser.get(link), self.browser.post(link)):
                self.assertContains(page, "This link is not complete", status_code=404)
        self.assertEqual(self.browser.put(self.link).status_code, 405)

    def test_is_final_for_the_link_that_confirmed(self):
        self.browser.post(self.link)
        confirm = link_in(mails("confirm").first())
        for page in (self.browser.post(confirm), self.browser.get(confirm)):
            self.assertContains(page, "too old")


class Forgetting(Notifying):
    def test_comes_a_month_after_nobody_confirmed(self):
        self.subscribe()
        old = timezone.now() - timedelta(days=31)
        for name, made_at, state in (
            ("new", timezone.now(), "published"),
            ("old", old, "published"),
            ("spam", old, "spam"),
        ):
            address = f"{name}@example.org"
            make_comment(self.article, name, email=address, visitor=name, made_at=made_at, state=state)
        Comment.objects.filter(pk=self.anna.pk).update(made_at=old)
        tasks.forget_addresses()
        kept = set(Comment.objects.exclude(email="").values_list("email", flat=True))
        self.assertEqual(kept, {ANNA, "new@example.org"})
