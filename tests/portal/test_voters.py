"""Whose votes count, as a browser, an office and a program send them."""

from django.test import Client, TestCase

from kb.comments.models import Comment
from kb.comments.voting import vote
from kb.feedback.models import Vote
from kb.guard.voter import Voter
from tests.forms import HIDDEN, opened
from tests.makers import make_article, make_comment, make_user
from tests.portal.people import NOWHERE, OURS, visitor_cookie


def browser(visitor="", headers=OURS):
    made = Client(headers=headers)
    if visitor:
        made.cookies["codebook_visitor"] = visitor_cookie(visitor)
    return made


class OnAComment(TestCase):
    def setUp(self):
        self.comment = make_comment(make_article(), "An answer", by_staff=False)

    def down(self, who, address="192.0.2.1"):
        page = who.post(f"/c/{self.comment.pk}/vote/", {"value": "down"}, REMOTE_ADDR=address)
        self.assertEqual(page.status_code, 303)
        self.comment.refresh_from_db()
        return self.comment.score

    def test_three_requests_hide_nothing(self):
        for _ in range(20):
            self.down(browser())
        self.assertEqual((self.comment.score, self.comment.is_folded), (-1, False))
        self.assertNotContains(self.client.get(self.comment.article.get_absolute_url()), "Hidden, because")

    def test_five_networks_do_and_one_of_many_addresses_does_not(self):
        for last in range(1, 9):
            self.down(browser(f"one-{last}"), f"192.0.2.{last}")
            self.down(browser(f"six-{last}"), f"2001:db8:0:{last}::1")
        self.assertFalse(self.comment.is_folded)
        for third in range(3):
            self.down(browser(f"other-{third}"), f"198.51.{third}.1")
        self.assertTrue(self.comment.is_folded)
        self.assertContains(self.client.get(self.comment.article.get_absolute_url()), "Hidden, because")

    def test_an_office_with_cookies_counts_each(self):
        self.assertEqual([self.down(browser(f"colleague-{number}")) for number in range(3)], [-1, -2, -3])

    def test_an_account_counts_once_however_often_it_loses_its_cookie(self):
        user = make_user()
        for _ in range(3):
            who = browser()
            who.force_login(user)
            self.down(who)
        self.assertEqual(self.comment.score, -1)

    def test_a_program_that_says_nothing_counts_nothing(self):
        self.assertEqual(self.down(browser(headers=NOWHERE)), 0)


class OnAnArticle(TestCase):
    def setUp(self):
        self.article = make_article()

    def say(self, who, useful="no", address="192.0.2.1"):
        page = who.post(f"{self.article.get_absolute_url()}vote/", {"useful": useful}, REMOTE_ADDR=address)
        self.assertEqual(page.status_code, 303)
        return Vote.objects.of(self.article).tally()

    def test_without_a_cookie_counts_one_a_network(self):
        for last in range(1, 9):
            tally = self.say(browser(), address=f"192.0.2.{last}")
        self.assertEqual(tally, (0, 1))
        self.assertEqual(self.say(browser(), "yes", "198.51.100.1"), (1, 2))

    def test_is_shown_to_its_sender_and_can_be_changed(self):
        self.say(browser())
        second = browser()
        self.say(second)
        self.assertContains(second.get(self.article.get_absolute_url()), "helpful")
        self.assertEqual(self.say(second, "yes"), (0, 1))
        self.assertEqual(Vote.objects.count(), 2)

    def test_of_an_office_with_cookies_counts_each(self):
        for number in range(3):
            tally = self.say(browser(f"colleague-{number}"), "yes")
        self.assertEqual(tally, (3, 3))

    def test_of_a_program_counts_nothing(self):
        self.assertEqual(self.say(browser(headers=NOWHERE)), (0, 0))


class AtTheDesk(TestCase):
    def setUp(self):
        self.comment = make_comment(make_article(), "Disliked words")
        vote(self.comment, visitor="friend", value=1)
        for number in range(6):
            vote(self.comment, value=-1, by=Voter(f"v{number}", f"n{number}"))
        self.agent = Client()
        self.agent.force_login(make_user("Agents"))

    def act(self, what):
        shown = opened(self.agent, "/desk/comments/?show=folded")
        data = {"show": "folded", "one": f"{what}:{self.comment.pk}"}
        data |= {name: shown[name] for name in HIDDEN if name in shown}
        return self.agent.post("/desk/comments/", data, follow=True)

    def folded(self):
        return Comment.objects.get(pk=self.comment.pk).is_folded

    def test_what_readers_folded_is_listed_with_its_figures(self):
        self.assertTrue(self.folded())
        page = self.agent.get("/desk/comments/?show=folded")
        for words in (
            "Disliked words",
            "6 not helpful",
            "from 6 networks",
            "1 helpful",
            "Show it again",
            "Leave folded",
        ):
            self.assertContains(page, words)
        self.assertContains(self.agent.get("/desk/"), "Folded comments")
        self.assertNotContains(self.agent.get("/desk/comments/?show=published"), "Leave folded")

    def test_it_is_shown_again_for_good(self):
        self.assertContains(self.act("unfold"), "Shown again: 1 comment")
        self.assertFalse(self.folded())
        for number in range(9):
            vote(self.comment, value=-1, by=Voter(f"w{number}", f"m{number}"))
        self.assertFalse(self.folded())
        self.act("unfold")
        self.assertFalse(self.folded())

    def test_it_is_left_folded_and_waits_no_more(self):
        self.assertContains(self.act("fold"), "Left folded: 1 comment")
        self.assertTrue(self.folded())
        self.assertNotContains(self.agent.get("/desk/comments/?show=folded"), "Disliked words")

    def test_both_can_be_undone(self):
        for what, folded in (("unfold", True), ("fold", True)):
            page = self.act(what)
            self.agent.post("/desk/comments/undo/", {"action": page.context["done"].pk, "show": "folded"})
            self.assertEqual((self.folded(), Comment.objects.folded().count()), (folded, 1))
