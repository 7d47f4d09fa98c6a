from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import TestCase
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, Related, Revision, Topic
from tests.makers import code, make_article, make_draft, make_topic, make_user

STRANGER = AnonymousUser()


def readable(user=STRANGER):
    return [
        revision.title for revision in Revision.objects.readable_by(user).filter(title__startswith="Test")
    ]


class WhatReadersSee(TestCase):
    def test_is_nothing_of_a_draft(self):
        make_draft("Test")
        self.assertEqual(readable(), [])

    def test_is_the_newest_approved_words_whose_moment_has_come(self):
        article = make_article("Test one", at=timezone.now() - timedelta(days=1))
        later = publishing.revise(article, words={"title": "Test two"})
        self.assertEqual(readable(), ["Test one"])
        publishing.publish(article, revision=later, at=timezone.now() + timedelta(hours=1))
        self.assertEqual(readable(), ["Test one"])
        Revision.objects.filter(pk=later.pk).update(publish_at=timezone.now() - timedelta(seconds=1))
        self.assertEqual(readable(), ["Test two"])

    def test_depends_on_the_audience(self):
        for audience in ("public", "customers", "agents"):
            make_article(f"Test {audience}", audience=audience)
        self.assertEqual(readable(), ["Test public"])
        self.assertEqual(set(readable(make_user())), {"Test public", "Test customers"})
        self.assertEqual(len(readable(make_user("Agents"))), 3)

    def test_is_nothing_of_the_archive(self):
        make_article("Test", state="draft")
        Article.objects.filter(revisions__title="Test").update(state="archived")
        self.assertEqual(readable(make_user("Agents")), [])


class Publishing(TestCase):
    def test_approves_once(self):
        article, editor = make_draft(), make_user("Editors")
        publishing.publish(article, revision=article.newest, by=editor)
        before = Article.objects.get(pk=article.pk).shown
        publishing.publish(article, revision=before, by=make_user("Editors"))
        after = Article.objects.get(pk=article.pk).shown
        self.assertEqual((after.approved_by, after.approved_at), (editor, before.approved_at))

    def test_adds_no_revision_for_the_same_words(self):
        article = make_article()
        publishing.revise(article, words=article.newest.words)
        self.assertEqual(article.revisions.count(), 1)

    def test_takes_old_words_up_again_as_a_draft(self):
        article = make_article("Test old")
        publishing.publish(article, revision=publishing.revise(article, words={"title": "Test new"}))
        first = article.revisions.last()
        publishing.restore(article, revision=first, by=make_user("Editors"))
        self.assertEqual(readable(), ["Test new"])
        self.assertEqual(article.revisions.first().title, "Test old")


class Revisions(TestCase):
    def test_keep_html_plain_text_and_the_codes_they_name(self):
        revision = make_article(cites=["550", "5.1.1"]).shown
        self.assertIn("data-kb", revision.html)
        self.assertIn("Words.", revision.plain)
        self.assertEqual({code.value for code in revision.codes.all()}, {"550", "X.1.1"})

    def test_are_found_by_a_code_they_cite(self):
        article = make_article("Test", cites=["5.1.1"])
        found = Revision.objects.readable_by(STRANGER).citing(code("X.1.1"))
        self.assertIn(article, found.as_articles())

    def test_refuse_a_marker_without_a_record(self):
        for marker in ("[[code 999]]", "[[codes smtp 9xx]]", "[[code nothing 550]]"):
            with self.subTest(marker=marker), self.assertRaises(ValidationError) as caught:
                Revision(article=make_draft(), title="T", body=f"Before.\n\n{marker}\n\nAfter.").full_clean()
            self.assertIn("There is no record for", str(caught.exception))

    def test_need_a_title(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Revision.objects.create(article=make_draft(), title="", body="B")

    def test_keep_html_in_step_when_only_the_body_is_saved(self):
        revision = make_draft().newest
        revision.body = "**Quite new**"
        revision.save(update_fields=["body"])
        self.assertIn("<strong>Quite new", Revision.objects.get(pk=revision.pk).html)

    def test_need_a_moment_when_approved_and_none_before(self):
        article = make_draft()
        for fields in ({"approved_at": timezone.now()}, {"publish_at": timezone.now()}):
            with self.assertRaises(IntegrityError), transaction.atomic():
                Revision.objects.create(article=article, title="T", body="B", **fields)


class Places(TestCase):
    def test_refuse_slugs_that_are_other_addresses(self):
        topic = make_topic()
        for slug in ("topics", "feed", "12", "", "a/b"):
            with self.assertRaises(IntegrityError), transaction.atomic():
                Article.objects.create(slug=slug, topic=topic)

    def test_refuse_a_topic_that_stands_above_itself(self):
        top = make_topic("Top")
        below = make_topic("Below", parent=top)
        top.parent = below
        with self.assertRaises(ValidationError):
            top.full_clean()

    def test_refuse_topics_too_deep(self):
        topic = None
        for _ in range(4):
            topic = make_topic(parent=topic)
        with self.assertRaises(ValidationError):
            Topic(slug="deep", name="Deep", parent=topic).full_clean()

    def test_count_the_levels_below_as_well(self):
        top = make_topic("Top")
        make_topic(parent=make_topic(parent=top))
        above = make_topic("Above")
        top.parent = above
        top.full_clean()
        top.parent = make_topic("Between", parent=above)
        with self.assertRaises(ValidationError):
            top.full_clean()

    def test_keep_a_topic_that_holds_articles(self):
        article = make_article()
        with self.assertRaises(ProtectedError):
            article.topic.delete()

    def test_refuse_an_article_related_to_itself(self):
        article = make_article()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Related.objects.create(article=article, other=article)
