from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from kb.comments import editing, posting
from kb.comments.models import Closed, Comment, CommentVote, Report
from kb.comments.tasks import forget_networks
from kb.comments.voting import vote, votes_of
from kb.guard.voter import Voter
from tests.makers import code, make_article, make_comment, make_user

NOBODY = AnonymousUser()


def said(text="Which port is it?", **fields):
    return posting.Said(**{"name": "Anna", "text": text, "user": NOBODY, "visitor": "anna", **fields})


class APost(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()

    def post(self, *words, target=None, **fields):
        return posting.post(target or self.article, said(*words, **fields))

    def test_is_kept_once_however_often_it_is_sent(self):
        first = self.post("Which port\nis it?")
        again = self.post("Which  port is it? ", name="ANNA", visitor="another")
        self.assertEqual((first.is_new, again.is_new), (True, False))
        self.assertEqual(again.comment, first.comment)
        self.assertEqual(Comment.objects.count(), 1)

    def test_is_another_one_elsewhere_by_another_or_in_other_words(self):
        first = self.post().comment
        first.state = "published"
        first.save()
        for other in (
            self.post("Which gate is it?"),
            self.post(name="Ben"),
            self.post(parent=first),
            self.post(target=code("550")),
            self.post(user=make_user()),
        ):
            self.assertTrue(other.is_new)

    def test_can_be_said_anew_once_it_was_deleted(self):
        editing.delete(self.post().comment)
        self.assertTrue(self.post().is_new)

    def test_stands_in_the_thread_of_what_it_answers(self):
        first = make_comment(self.article)
        reply = self.post("Reply", parent=first).comment
        deeper = self.post("Deeper", parent=reply).comment
        self.assertEqual([reply.thread, deeper.thread, deeper.parent], [first, first, reply])

    def test_belongs_to_the_browser_that_sent_it_again_if_the_answer_was_cut_off(self):
        comment = self.post(visitor="one").comment
        self.post(visitor="two", is_new_here=True)
        comment.refresh_from_db()
        self.assertEqual(comment.visitor, "two")

    def test_is_nobody_elses_when_others_may_have_read_it_or_it_is_older(self):
        published = make_comment(self.article, "Read by all", visitor="one")
        self.post("Read by all", visitor="two", is_new_here=True)
        old = self.post(visitor="one").comment
        Comment.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(hours=1))
        self.post(visitor="two", is_new_here=True)
        for comment in (published, old):
            comment.refresh_from_db()
            self.assertEqual(comment.visitor, "one")


class Approval(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.customer, cls.agent = make_user("Customers"), make_user("Agents")

    def state(self, text="Something new", **fields):
        return posting.post(self.article, said(text, **fields)).comment.state

    def test_is_asked_of_people_with_nothing_published_yet(self):
        self.assertEqual(self.state(), "pending")
        self.assertEqual(self.state("Once more"), "pending")
        make_comment(self.article, "An earlier one", visitor="anna")
        self.assertEqual(self.state("And again"), "published")
        self.assertEqual(self.state("And again", name="Ben", visitor="ben"), "pending")

    def test_goes_by_account_for_customers(self):
        make_comment(self.article, "By another account", author=make_user())
        self.assertEqual(self.state("First", user=self.customer), "pending")
        make_comment(self.article, "By the account", author=self.customer)
        self.assertEqual(self.state("Second", user=self.customer, visitor="ben"), "published")

    def test_is_never_asked_of_staff(self):
        for user in (self.agent, make_user("Editors"), make_user("superuser")):
            with override_settings(COMMENT_APPROVAL="all"):
                self.assertEqual(self.state("Our answer", user=user), "published")
        self.assertTrue(Comment.objects.get(author=self.agent).by_staff)

    def test_follows_the_setting(self):
        make_comment(self.article, "An earlier one", visitor="anna")
        with override_settings(COMMENT_APPROVAL="all"):
            self.assertEqual(self.state("One"), "pending")
        with override_settings(COMMENT_APPROVAL="none"):
            self.assertEqual(self.state("Two", visitor="new"), "published")

    @override_settings(COMMENT_APPROVAL="none")
    def test_is_asked_of_what_no_browser_vouches_for(self):
        self.assertEqual(self.state(from_our_page=False), "pending")

    @override_settings(COMMENT_APPROVAL="none")
    def test_is_asked_of_the_same_words_in_another_place(self):
        words = "Our shop has the best prices for everything you need today"
        self.assertEqual(self.state(words), "published")
        self.assertEqual(posting.post(code("550"), said(words, name="Ben")).comment.state, "pending")
        self.assertEqual(self.state("Thank you!"), "published")
        self.assertEqual(posting.post(code("550"), said("Thank you!", name="Ben")).comment.state, "published")

    def test_is_out_of_the_question_for_bait(self):
        self.assertEqual(self.state(is_bait=True, user=self.customer), "spam")


class AnEdit(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()

    def test_changes_words_html_and_key_together(self):
        make_comment(self.article, "An earlier one", visitor="anna")
        comment = make_comment(self.article, "Old")
        before = comment.key
        self.assertTrue(editing.edit(comment, said("New\nwords")))
        comment.refresh_from_db()
        self.assertEqual((comment.text, comment.html), ("New\nwords", "<p>New<br>words</p>"))
        self.assertNotEqual(comment.key, before)
        self.assertIsNotNone(comment.edited_at)

    def test_waits_for_approval_as_a_new_comment_would(self):
        comment = make_comment(self.article, "Old")
        editing.edit(comment, said("New"))
        self.assertEqual(comment.state, "pending")

    def test_is_refused_where_the_same_was_said_already(self):
        make_comment(self.article, "Taken")
        self.assertFalse(editing.edit(make_comment(self.article, "Old"), said("Taken")))

    def test_of_a_workaround_takes_it_from_its_place(self):
        make_comment(self.article, "An earlier one", visitor="anna")
        comment = make_comment(self.article, "Restart it", accepted_at=timezone.now())
        self.assertTrue(editing.edit(comment, said("Buy pills")))
        comment.refresh_from_db()
        self.assertEqual((comment.text, comment.state, comment.accepted_at), ("Buy pills", "published", None))

    def test_leaves_what_staff_decided_meanwhile(self):
        for decided in ({"state": "spam"}, {"deleted_at": timezone.now(), "text": "", "name": ""}):
            comment = make_comment(self.article, f"Old {decided}")
            Comment.objects.filter(pk=comment.pk).update(**decided)
            editing.edit(comment, said(f"New {decided}"))
            row = Comment.objects.filter(pk=comment.pk).values().get()
            with self.subTest(decided=decided):
                self.assertEqual({name: row[name] for name in decided}, decided)

    def test_is_open_to_its_author_for_a_while(self):
        comment = make_comment(self.article)
        self.assertTrue(comment.may_change(NOBODY, "anna"))
        self.assertFalse(comment.may_change(NOBODY, "ben"))
        self.assertFalse(comment.may_change(NOBODY, ""))
        comment.made_at -= timedelta(minutes=16)
        self.assertFalse(comment.may_change(NOBODY, "anna"))

    def test_of_an_accounts_words_is_open_to_the_account_alone(self):
        user = make_user()
        comment = make_comment(self.article, author=user)
        self.assertTrue(comment.may_change(user, "elsewhere"))
        self.assertFalse(comment.may_change(NOBODY, "anna"))

    def test_by_deleting_leaves_no_words_behind(self):
        comment = make_comment(self.article, "Secret", email="anna@example.org")
        editing.delete(comment)
        row = Comment.objects.filter(pk=comment.pk).values().get()
        self.assertEqual((row["text"], row["html"], row["name"], row["email"]), ("", "", "", ""))


class VotesOnComments(TestCase):
    def setUp(self):
        self.comment = make_comment(make_article())

    def score(self):
        self.comment.refresh_from_db()
        return self.comment.score

    def test_count_once_a_browser_and_can_be_changed_and_taken_back(self):
        for visitor, value, score in (
            ("a", 1, 1),
            ("a", 1, 1),
            ("b", 1, 2),
            ("a", -1, 0),
            ("a", 0, 1),
            ("b", 0, 0),
        ):
            vote(self.comment, visitor=visitor, value=value)
            self.assertEqual(self.score(), score)

    def dislike(self, networks, known=True, vouched=True):
        for number, network in enumerate(networks):
            voter = Voter(f"{network}-{number}", network, is_known=known, is_vouched_for=vouched)
            vote(self.comment, value=-1, by=voter)
        self.comment.refresh_from_db()
        return self.comment.score, self.comment.is_folded

    def test_fold_a_comment_at_five_from_five_networks(self):
        self.assertEqual(self.dislike("abcd"), (-4, False))
        self.assertEqual(self.dislike("e"), (-5, True))
        vote(self.comment, visitor="f", value=1)
        self.comment.refresh_from_db()
        self.assertFalse(self.comment.is_folded)

    def test_fold_nothing_from_few_networks(self):
        self.assertEqual(self.dislike("a" * 12), (-12, False))
        self.assertEqual(self.dislike("bcd"), (-15, False))

    def test_fold_nothing_of_our_staff_and_nothing_accepted(self):
        for fields in ({"by_staff": True}, {"accepted_at": timezone.now()}):
            with self.subTest(fields=fields):
                self.comment = make_comment(self.comment.article, str(fields), **fields)
                self.assertEqual(self.dislike("abcdefgh"), (-8, False))

    def test_without_a_cookie_count_once_a_network(self):
        self.assertEqual(self.dislike("aaa", known=False), (-1, False))
        self.assertEqual(self.dislike("bbbcc", known=False), (-3, False))

    def test_of_programs_that_do_not_say_where_from_count_nothing(self):
        self.assertEqual(self.dislike("abcdefgh", vouched=False), (0, False))
        self.assertEqual(CommentVote.objects.count(), 8)

    def test_forget_their_networks_after_a_day_and_stay(self):
        self.dislike("abcde")
        CommentVote.objects.update(made_at=timezone.now() - timedelta(days=2))
        forget_networks()
        self.assertEqual(set(CommentVote.objects.values_list("network", flat=True)), {""})
        self.assertEqual(self.dislike(""), (-5, True))

    def test_stay_what_our_staff_decided(self):
        self.dislike("abcde")
        Comment.objects.update(fold="shown")
        self.assertEqual(self.dislike("fghij"), (-10, False))

    def test_are_told_to_who_cast_them(self):
        vote(self.comment, visitor="a", value=-1)
        self.assertEqual(votes_of("a", [self.comment]), {self.comment.pk: -1})
        self.assertEqual(votes_of("", [self.comment]), {})


class TheTables(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()

    def refuses(self, make, **fields):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make(**fields)

    def test_refuse_comments_that_make_no_sense(self):
        first = make_comment(self.article, "First")
        ok = {"text": "Words", "name": "Anna", "visitor": "a", "article": self.article}
        for wrong in (
            {"article": None},
            {"code": code("550")},
            {"state": "lost"},
            {"text": ""},
            {"name": ""},
            {"parent": first},
            {"thread": first},
            {"accepted_at": timezone.now()},
            {"text": "First", "name": "Anna"},
        ):
            with self.subTest(wrong=str(wrong)):
                self.refuses(Comment.objects.create, **{**ok, **wrong})
        Comment.objects.create(**ok)

    def test_refuse_votes_reports_and_closings_that_make_no_sense(self):
        comment = make_comment(self.article)
        CommentVote.objects.create(comment=comment, visitor="a", value=1)
        self.refuses(CommentVote.objects.create, comment=comment, visitor="a", value=-1)
        self.refuses(CommentVote.objects.create, comment=comment, visitor="b", value=2)
        self.refuses(CommentVote.objects.create, comment=comment, visitor="", value=1)
        Report.objects.create(comment=comment, visitor="a")
        self.refuses(Report.objects.create, comment=comment, visitor="a")
        self.refuses(Report.objects.create, comment=comment, visitor="")
        self.refuses(Report.objects.create, comment=comment, visitor="b", reason="dull")
        Closed.objects.create(article=self.article)
        self.refuses(Closed.objects.create, article=self.article)
        self.refuses(Closed.objects.create)

    def test_keep_an_article_that_people_have_commented_on(self):
        make_comment(self.article)
        with self.assertRaises(Exception) as refused:
            self.article.delete()
        self.assertEqual(type(refused.exception).__name__, "ProtectedError")


class WhoSees(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.customer = make_user("Customers")
        first = make_comment(cls.article, "published")
        make_comment(cls.article, "pending", state="pending")
        make_comment(cls.article, "spam", state="spam")
        make_comment(cls.article, "theirs", state="pending", author=cls.customer)
        editing.delete(make_comment(cls.article, "deleted", parent=first))

    def seen(self, user=NOBODY, visitor=""):
        return {comment.text for comment in Comment.objects.visible_to(user, visitor)}

    def test_what(self):
        everything = {"published", "pending", "spam", "theirs"}
        for user, visitor, texts in (
            (NOBODY, "", {"published"}),
            (NOBODY, "ben", {"published"}),
            (NOBODY, "anna", {"published", "pending"}),
            (self.customer, "", {"published", "theirs"}),
            (self.customer, "anna", {"published", "pending", "theirs"}),
            (make_user("Agents"), "", everything),
            (make_user("Editors"), "", everything),
        ):
            with self.subTest(user=str(user), visitor=visitor):
                self.assertEqual(self.seen(user, visitor), texts)

    def test_a_thread_stays_while_there_are_replies_to_read(self):
        gone = make_comment(self.article, "gone")
        make_comment(self.article, "answer", parent=gone)
        lonely = make_comment(self.article, "lonely")
        for comment in (gone, lonely):
            editing.delete(comment)
        threads = Comment.objects.threads_for(NOBODY)
        self.assertIn(gone, threads)
        self.assertNotIn(lonely, threads)

    def test_those_that_moderators_ask_for(self):
        comment = make_comment(self.article, "reported")
        Report.objects.create(comment=comment, visitor="a")
        Report.objects.create(
            comment=make_comment(self.article, "settled"), visitor="a", settled_at=timezone.now()
        )
        self.assertEqual(list(Comment.objects.reported()), [comment])
        self.assertEqual({found.text for found in Comment.objects.waiting()}, {"pending", "theirs"})
        self.assertEqual([found.text for found in Comment.objects.spam()], ["spam"])
