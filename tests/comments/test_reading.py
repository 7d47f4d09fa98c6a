from datetime import UTC, datetime
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kb.comments import editing
from kb.comments.models import Closed, Comment
from kb.comments.places import REPLIES_A_PAGE, REPLIES_SHOWN, THREADS_A_PAGE, Reader, address_within
from kb.comments.reading import Wish, read
from kb.comments.voting import vote
from tests.comments.failing import comments_unreadable
from tests.makers import code, make_article, make_comment, make_user
from tests.portal.people import who

STRANGER = Reader(AnonymousUser(), "")


def fill(article, threads, replies=0):
    """Many at once; the bulk leaves out what `save` makes, so it is made here."""

    def words(number, **fields):
        return Comment(
            article=article, name="Anna", text=f"Words {number}", visitor="a", state="published", **fields
        ).made()

    firsts = Comment.objects.bulk_create(words(number) for number in range(threads))
    Comment.objects.bulk_create(words(n, parent=firsts[0], thread=firsts[0]) for n in range(replies))
    return firsts


class Reading(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.address = cls.article.get_absolute_url()

    def read(self, reader=STRANGER, **wish):
        return read(self.article, address=self.address, reader=reader, wish=Wish(**wish))

    def names(self, found):
        return [
            (thread.text, [(branch.text, [leaf.text for leaf in branch.below]) for branch in thread.below])
            for thread in found.threads
        ]


class Threads(Reading):
    def test_stand_in_two_levels_and_what_is_deeper_says_whom_it_answers(self):
        first = make_comment(self.article, "first")
        one = make_comment(self.article, "one", name="Ben", parent=first)
        two = make_comment(self.article, "two", name="Carla", parent=one)
        make_comment(self.article, "three", parent=two)
        make_comment(self.article, "four", parent=one)
        make_comment(self.article, "five", parent=first)
        found = self.read()
        self.assertEqual(self.names(found), [("first", [("one", ["two", "three", "four"]), ("five", [])])])
        self.assertEqual([comment.answered_name for comment in found.listed()], ["", "", "", "Carla", "", ""])

    def test_keep_the_place_of_what_is_gone(self):
        first = make_comment(self.article, "first")
        one = make_comment(self.article, "one", parent=first)
        make_comment(self.article, "two", parent=one)
        Comment.objects.filter(pk=one.pk).update(state="spam")
        editing.delete(first)
        found = self.read()
        self.assertEqual([comment.is_gone for comment in found.listed()], [True, True, False])
        self.assertEqual(found.count, 1)

    def test_promote_a_reply_whose_whole_way_is_gone(self):
        first = make_comment(self.article, "first")
        one = make_comment(self.article, "one", parent=first)
        two = make_comment(self.article, "two", parent=one)
        make_comment(self.article, "three", parent=two)
        Comment.objects.filter(pk__in=[one.pk, two.pk]).update(state="spam")
        self.assertEqual([comment.text for comment in self.read().listed()], ["first", "two", "three"])

    def test_come_in_three_orders(self):
        for text in ("old", "mid", "new"):
            make_comment(self.article, text)
        vote(Comment.objects.get(text="mid"), visitor="x", value=1)
        for sort, texts in (
            ("oldest", ["old", "mid", "new"]),
            ("newest", ["new", "mid", "old"]),
            ("helpful", ["mid", "old", "new"]),
        ):
            self.assertEqual([thread.text for thread in self.read(sort=sort).threads], texts)

    def test_come_twenty_a_page(self):
        fill(self.article, 45)
        self.assertEqual([len(self.read(page=str(page)).threads) for page in (1, 2, 3, 4)], [20, 20, 5, 5])
        self.assertEqual(len(self.read(on_paper=True).threads), 45)

    def test_show_a_few_replies_and_lead_to_the_rest(self):
        [first] = fill(self.article, 1, REPLIES_A_PAGE + 10)
        found = self.read()
        self.assertEqual(len(list(found.listed())), 1 + REPLIES_SHOWN)
        self.assertEqual(found.threads[0].left_out, REPLIES_A_PAGE + 10 - REPLIES_SHOWN)
        shown = [
            comment.pk
            for page in ("1", "2")
            for comment in self.read(thread=str(first.pk), page=page).listed()
        ]
        self.assertEqual(sorted({*shown}), list(Comment.objects.order_by("pk").values_list("pk", flat=True)))

    def test_of_one_browser_hold_its_own_that_wait(self):
        fill(self.article, 1)
        make_comment(self.article, "waits", state="pending", visitor="anna")
        self.assertEqual(len(self.read().threads), 1)
        mine = self.read(Reader(AnonymousUser(), "anna"))
        self.assertEqual([thread.is_own for thread in mine.threads], [False, True])
        self.assertEqual(mine.count, 1)


class Places(Reading):
    def place(self, comment):
        return address_within(self.address, comment, STRANGER)

    def test_are_on_the_page_where_the_comment_is_shown(self):
        firsts = fill(self.article, 2 * THREADS_A_PAGE + 1, REPLIES_A_PAGE + 10)
        replies = list(firsts[0].replies.order_by("pk"))
        for comment, place in (
            (firsts[0], self.address),
            (firsts[THREADS_A_PAGE - 1], self.address),
            (firsts[THREADS_A_PAGE], f"{self.address}comments/?page=2"),
            (firsts[-1], f"{self.address}comments/?page=3"),
            (replies[REPLIES_SHOWN - 1], self.address),
            (replies[REPLIES_SHOWN], f"{self.address}comments/?thread={firsts[0].pk}&page=1"),
            (replies[-1], f"{self.address}comments/?thread={firsts[0].pk}&page=2"),
        ):
            with self.subTest(place=place):
                self.assertEqual(self.place(comment), f"{place}#{comment.anchor}")
                self.assertContains(self.client.get(place), f'id="{comment.anchor}"')

    def test_of_the_form_are_below_what_is_answered(self):
        firsts = fill(self.article, THREADS_A_PAGE + 1)
        page = self.client.get(f"{self.address}comments/?reply_to={firsts[-1].pk}").content.decode()
        self.assertIn("Replying to <strong><bdi>Anna</bdi></strong>", page)
        self.assertLess(page.index(f'id="{firsts[-1].anchor}"'), page.index('id="comment-form"'))
        self.assertLess(page.index('id="comment-form"'), page.index("data-pages"))


class Cost(Reading):
    def cost(self, address, browser=None):
        with CaptureQueriesContext(connection) as queries:
            (browser or self.client).get(address)
        return sum('"comments_' in query["sql"] for query in queries)

    def test_is_three_questions_for_a_stranger_and_one_more_for_a_voter_whatever_there_is(self):
        sizes = ((20, 0), (2000, 0), (1, 1999))
        for threads, replies in sizes:
            article = make_article()
            fill(article, threads, replies)
            for address in (article.get_absolute_url(), f"{article.get_absolute_url()}comments/"):
                with self.subTest(threads=threads, replies=replies, address=address):
                    self.assertLessEqual(self.cost(address), 3)
                    self.assertLessEqual(self.cost(address, who("pending author")), 4)

    def test_is_one_question_where_nobody_has_said_anything(self):
        self.assertEqual(self.cost(self.address), 1)


class Unreadable(Reading):
    def test_leave_the_rest_of_the_page_whole_and_are_no_emptiness(self):
        make_comment(self.article, "first")
        for address in (
            self.address,
            f"{self.address}comments/",
            "/codes/smtp/550/",
            "/codes/smtp/550/comments/",
        ):
            with self.subTest(address=address), comments_unreadable() as logged:
                page = self.client.get(address)
            self.assertContains(page, "There was a problem loading the comments.")
            self.assertContains(page, "Your draft is safe.")
            self.assertContains(page, "Try again")
            for gone in ("No comments yet", 'id="comment-form"', "data-count", 'role="alert"'):
                self.assertNotContains(page, gone)
            self.assertContains(page, "Powered by")
            self.assertIn("no-store", page["Cache-Control"])
            logged.assert_called_once()

    def test_do_not_spoil_the_transaction_they_are_read_in(self):
        with comments_unreadable():
            self.client.get(self.address)
        self.assertContains(
            self.client.get(self.address), "No comments yet. Ask what the article leaves open."
        )

    def test_lead_on_to_us_after_the_third_time(self):
        with comments_unreadable():
            page = self.client.get(self.address)
            self.assertContains(page, f'href="{self.address}comments/"')
            self.assertContains(page, "data-gives-up hidden")
            page = self.client.get(f"{self.address}comments/")
            self.assertContains(page, f'href="{self.address}comments/?try=3"')
            self.assertContains(page, "data-gives-up hidden")
            page = self.client.get(f"{self.address}comments/?try=3")
        self.assertNotContains(page, "data-gives-up hidden")
        self.assertContains(page, "Last tried at <span data-tried>")
        self.assertContains(page, "/contact/")

    def test_keep_what_was_sent_meanwhile(self):
        with comments_unreadable():
            answer = who("stranger").post(f"{self.address}comments/", {"name": "Anna", "text": "Typed long"})
        self.assertContains(answer, "It could not be stored just now", status_code=503)
        self.assertContains(answer, "Typed long</textarea>", status_code=503)
        self.assertEqual(answer["Retry-After"], "30")
        self.assertEqual(Comment.objects.count(), 0)

    def test_are_the_same_for_a_visitor_and_private(self):
        with comments_unreadable():
            page = who("pending author").get(self.address)
        self.assertIn("no-store", page["Cache-Control"])


class TheSameForLong(Reading):
    def test_names_no_time_of_day_where_nothing_failed(self):
        make_comment(self.article)
        first = self.client.get(self.address)
        then = datetime(2031, 5, 4, 3, 21, tzinfo=UTC)
        with (
            mock.patch("django.template.defaulttags.datetime") as clock,
            mock.patch("django.utils.timezone.now", return_value=then),
        ):
            clock.now.return_value = then
            later = self.client.get(self.address)
        self.assertContains(later, "4 May 2031")  # the day is on paper
        self.assertNotContains(later, "03:21")
        self.assertContains(first, "<span data-tried></span>")


class ClosedPages(Reading):
    def test_say_so_and_take_nothing_but_show_what_was_said(self):
        first = make_comment(self.article, "first")
        browser = who("stranger")
        Closed.objects.create(article=self.article)
        page = browser.get(self.address)
        self.assertContains(page, "Comments are closed.")
        self.assertContains(page, "first")
        for gone in ('id="comment-form"', "data-reply", "No comments yet"):
            self.assertNotContains(page, gone)
        answer = browser.post(
            f"{self.address}comments/", {"name": "Anna", "text": "Too late", "parent": first.pk}
        )
        self.assertContains(answer, "have been closed meanwhile", status_code=422)
        self.assertContains(answer, "Too late</textarea>", status_code=422)

    def test_of_codes_are_closed_in_all_classes(self):
        Closed.objects.create(code=code("X.1.1"))
        for value in ("4.1.1", "5.1.1"):
            self.assertContains(self.client.get(f"/codes/smtp/{value}/"), "Comments are closed.")
        self.assertNotContains(self.client.get("/codes/smtp/550/"), "Comments are closed.")


class WhatIsShown(Reading):
    def test_folds_away_what_readers_did_not_find_helpful(self):
        make_comment(self.article, "unhelpful", score=-5, fold="readers")
        make_comment(self.article, "fine", score=-9)
        make_comment(self.article, "ours", score=-5, fold="readers", by_staff=True)
        make_comment(self.article, "helped", score=-5, fold="readers", accepted_at=timezone.now())
        page = self.client.get(self.address).content.decode()
        self.assertEqual(page.count("Hidden, because readers did not find it helpful"), 1)
        self.assertIn("unhelpful", page)

    def test_marks_staff(self):
        make_comment(self.article, "ours", author=make_user("Agents"), by_staff=True, name="Support")
        self.assertContains(self.client.get(self.address), "Staff</span>")

    def test_never_shows_an_address_of_a_person(self):
        make_comment(self.article, "words", email="anna@example.org")
        for user in (None, make_user("Editors")):
            if user:
                self.client.force_login(user)
            self.assertNotContains(self.client.get(self.address), "anna@example.org")

    def test_takes_no_mail_address_for_a_name(self):
        self.client.force_login(make_user(first_name=""))
        user = make_user()
        user.username = "anna@example.org"
        user.save()
        self.client.force_login(user)
        self.assertNotContains(self.client.get(self.address), 'value="anna@example.org"')

    def test_links_a_code_in_a_comment_to_its_page(self):
        make_comment(self.article, "I get 550 5.1.1 since Monday")
        for query in ("", "comments/", "comments/?part=1"):
            self.assertContains(self.client.get(f"{self.address}{query}"), 'href="/codes/smtp/5.1.1/"')

    def test_says_where_the_comments_of_a_general_code_stand(self):
        self.assertContains(self.client.get("/codes/smtp/4.1.1/"), "Comments stand with")
        self.assertNotContains(self.client.get("/codes/smtp/550/"), "Comments stand with")

    def test_prints_comments_where_asked(self):
        make_comment(self.article, "words")
        self.assertNotContains(self.client.get(self.address), "comments prints")
        self.assertContains(self.client.get(f"{self.address}?print=comments"), "comments prints")
