from django.db import IntegrityError, transaction
from django.test import TestCase

from kb.articles import publishing
from kb.articles.models import Article
from kb.feedback.models import Vote
from tests.makers import code, make_article, make_user


class AVote(TestCase):
    def setUp(self):
        self.article = make_article()

    def tally(self, target=None):
        return Vote.objects.of(target or self.article).tally()

    def test_counts_once_however_often_it_is_sent(self):
        for _ in range(3):
            Vote.cast(self.article, useful=True, visitor="anna")
        Vote.cast(self.article, useful=False, visitor="ben")
        self.assertEqual(self.tally(), (1, 2))

    def test_can_be_changed_and_then_has_no_reason_any_more(self):
        Vote.cast(self.article, useful=False, visitor="anna", reason="outdated", text="The menu moved.")
        vote = Vote.cast(self.article, useful=True, visitor="anna", reason="outdated", text="The menu moved.")
        self.assertEqual((vote.useful, vote.reason, vote.text), (True, "", ""))
        self.assertEqual(self.tally(), (1, 1))
        self.assertLess(vote.made_at, vote.changed_at)

    def test_keeps_the_reason_of_a_no(self):
        Vote.cast(self.article, useful=False, visitor="anna", reason="missing", text="Step 3")
        vote = Vote.objects.of(self.article).by("anna")
        self.assertEqual((vote.reason, vote.text), ("missing", "Step 3"))

    def test_belongs_to_one_browser(self):
        Vote.cast(self.article, useful=True, visitor="anna")
        self.assertIsNone(Vote.objects.of(self.article).by("ben"))
        self.assertIsNone(Vote.objects.of(self.article).by(""))

    def test_of_an_article_and_of_a_code_are_counted_apart(self):
        Vote.cast(self.article, useful=True, visitor="anna")
        Vote.cast(code("550"), useful=False, visitor="anna")
        self.assertEqual((self.tally(), self.tally(code("550"))), ((1, 1), (0, 1)))


class ImprovedWords(TestCase):
    def test_of_an_article_start_afresh_and_the_old_figure_is_kept(self):
        article = make_article()
        for visitor in ("anna", "ben"):
            Vote.cast(article, useful=False, visitor=visitor)
        publishing.publish(article, revision=publishing.revise(article, words={"body": "Better words."}))
        article = Article.objects.get(pk=article.pk)
        self.assertEqual(Vote.objects.of(article).tally(), (0, 0))
        Vote.cast(article, useful=True, visitor="anna")
        self.assertEqual(Vote.objects.of(article).tally(), (1, 1))
        figures = {vote.version: (vote.yes, vote.all) for vote in Vote.objects.with_figures()}
        self.assertEqual(sorted(figures.values()), [(0, 2), (1, 1)])

    def test_that_are_still_a_draft_change_nothing(self):
        article = make_article()
        Vote.cast(article, useful=True, visitor="anna")
        publishing.revise(article, words={"body": "Better words."})
        self.assertEqual(Vote.objects.of(Article.objects.get(pk=article.pk)).tally(), (1, 1))

    def test_of_a_code_start_afresh_too(self):
        record = code("550")
        Vote.cast(record, useful=False, visitor="anna")
        record.meaning = "Said better."
        record.save()
        self.assertEqual(Vote.objects.of(record).tally(), (0, 0))
        self.assertEqual(Vote.objects.filter(code=record).count(), 1)


class TheTable(TestCase):
    def refuses(self, **fields):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Vote.objects.create(**{"version": 1, "useful": False, "visitor": "anna", **fields})

    def test_refuses_what_makes_no_sense(self):
        article, record = make_article(), code("550")
        self.refuses()
        self.refuses(article=article, code=record)
        self.refuses(article=article, useful=True, reason="wrong")
        self.refuses(article=article, useful=True, text="Words")
        self.refuses(article=article, reason="because")
        self.refuses(article=article, visitor="")

    def test_refuses_a_second_vote_of_one_visitor_on_the_same_words(self):
        for place in ({"article": make_article()}, {"code": code("550")}):
            Vote.objects.create(version=1, useful=True, visitor="anna", **place)
            self.refuses(**place)
            Vote.objects.create(version=2, useful=True, visitor="anna", **place)
            Vote.objects.create(version=1, useful=True, visitor="ben", **place)


class TheAdmin(TestCase):
    def setUp(self):
        self.vote = Vote.cast(
            make_article("Voted on"), useful=False, visitor="anna", reason="wrong", text="Port"
        )
        Vote.cast(code("550"), useful=True, visitor="anna")
        self.address = f"/admin/feedback/vote/{self.vote.pk}/"

    def test_lists_votes_for_editors_by_kind_answer_and_reason(self):
        self.client.force_login(make_user("Editors"))
        for query, shown, hidden in (
            ("", "Voted on", "nothing like it"),
            ("?about=article", "Voted on", "550 Mailbox"),
            ("?about=code", "550 Mailbox", "Voted on"),
            ("?useful__exact=0", "Voted on", "550 Mailbox"),
            ("?reason__exact=wrong", "0 of 1", "1 of 1"),
            ("?q=port", "Voted on", "550 Mailbox"),
        ):
            with self.subTest(query=query):
                page = self.client.get(f"/admin/feedback/vote/{query}")
                self.assertContains(page, shown)
                self.assertNotContains(page, hidden)

    def test_lets_nobody_rewrite_them_and_only_admins_delete_them(self):
        for group, deleting in (("Editors", 403), ("Admins", 200)):
            self.client.force_login(make_user(group))
            with self.subTest(group=group):
                self.assertEqual(self.client.get("/admin/feedback/vote/add/").status_code, 403)
                self.assertEqual(
                    self.client.post(f"{self.address}change/", {"text": "Praise"}).status_code, 403
                )
                self.assertEqual(self.client.get(f"{self.address}delete/").status_code, deleting)

    def test_never_shows_who_voted(self):
        self.client.force_login(make_user("Admins"))
        self.assertNotContains(self.client.get(f"{self.address}change/"), "anna")

    def test_asks_few_questions_for_a_long_list(self):
        self.client.force_login(make_user("superuser"))
        with self.assertNumQueries(6):
            self.client.get("/admin/feedback/vote/")
