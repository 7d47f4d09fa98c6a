"""What the index says of who may read what is what the policy says, at every moment and however it came about."""

from datetime import timedelta
from itertools import product

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, Revision
from kb.search.find import find
from kb.search.index import rebuild
from kb.search.reading import within
from kb.search.suggest import suggest
from tests.makers import make_article, make_topic, make_user

STRANGER = AnonymousUser()
HOUR = timedelta(hours=1)


def in_the_index(user):
    """The revisions that a search may find."""
    where, values = within(user, "article")("its.id")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT its.id FROM articles_revision its WHERE {where}", values)
        return {pk for (pk,) in cursor.fetchall()}


def is_found(word, user=STRANGER):
    """By a search and by a suggestion alike."""
    found = [hit for hit in find(f'"{word}"', user=user).hits if hit.kind == "article"]
    suggested = [row for row in suggest(word, user=user) if row.kind == "article"]
    if bool(found) != bool(suggested):
        raise AssertionError((found, suggested))
    return bool(found)


class WhatIsShown(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = [STRANGER, *(make_user(group) for group in ("", "Agents", "Editors", "Admins"))]
        cls.topic = make_topic()
        cls.now = timezone.now()

    def assert_as_the_policy_says(self, case=""):
        for user in self.people:
            allowed = set(Revision.objects.readable_by(user).values_list("pk", flat=True))
            self.assertEqual(in_the_index(user), allowed, (case, user))

    def revised(self, article, at, placement=None):
        """Approved for this moment from now on; not approved without one."""
        return Revision.objects.create(
            article=article,
            title="Words",
            body="Words.",
            approved_at=at and self.now,
            publish_at=at and self.now + at,
            placement=placement,
        )

    def test_agrees_with_the_policy_in_every_state(self):
        for state, audience in product(Article.State.values, Article.Audience.values):
            make_article("Words", state=state, audience=audience, topic=self.topic)
            Article.objects.filter(pk=Article.objects.latest("pk").pk).update(state=state)
        self.assert_as_the_policy_says()
        rebuild()
        self.assert_as_the_policy_says("made anew")

    def test_agrees_with_the_policy_for_every_pair_of_revisions(self):
        moments = [-2 * HOUR, -HOUR, HOUR, None]
        for both in product(moments, moments):
            article = make_article(topic=self.topic)
            article.revisions.all().delete()
            for at in both:
                self.revised(article, at)
        self.assert_as_the_policy_says()
        rebuild()
        self.assert_as_the_policy_says("made anew")

    def test_agrees_with_the_policy_whatever_the_order_of_moments_and_placements(self):
        kinds = [*product([-2 * HOUR, -HOUR, HOUR], [None, {"audience": "agents"}]), (None, None)]
        for three in product(kinds, repeat=3):
            article = make_article(topic=self.topic)
            article.revisions.all().delete()
            made = [self.revised(article, *kind) for kind in three]
            due = [
                (at, place) for place, (at, waits) in enumerate(three) if at and at < 0 * HOUR and not waits
            ]
            shown = Article.objects.get(pk=article.pk).shown
            self.assertEqual(shown, made[max(due)[1]] if due else None, three)
        self.assert_as_the_policy_says()
        rebuild()
        self.assert_as_the_policy_says("made anew")

    def test_follows_a_placement_that_is_applied(self):
        waiting = self.revised(make_article(topic=self.topic), HOUR, {"audience": "agents"})
        for changes in ({"publish_at": timezone.now()}, {"placement": None}, {"placement": {"slug": "x"}}):
            Revision.objects.filter(pk=waiting.pk).update(**changes)
            self.assert_as_the_policy_says(changes)

    def test_follows_what_is_done_to_revisions(self):
        article = make_article(topic=self.topic)
        waiting = self.revised(article, HOUR)
        self.assert_as_the_policy_says("scheduled")
        Revision.objects.filter(pk=waiting.pk).update(publish_at=timezone.now() - HOUR)
        self.assert_as_the_policy_says("due")
        Revision.objects.filter(pk=waiting.pk).update(article=make_article(topic=self.topic))
        self.assert_as_the_policy_says("moved to another article")
        Revision.objects.filter(pk=waiting.pk).update(approved_at=None, publish_at=None)
        self.assert_as_the_policy_says("no longer approved")
        article.revisions.all().delete()
        self.assert_as_the_policy_says("deleted")

    def test_follows_an_article_to_another_topic(self):
        article = make_article("Cornett", topic=self.topic)
        for topic in (make_topic(), make_topic()):
            Article.objects.filter(pk=article.pk).update(topic=topic)
            self.assertEqual([of.slug for of in find("cornett", user=STRANGER).topics], [topic.slug])

    def test_forgets_at_once_what_is_hidden_however_it_was_saved(self):
        hidings = {
            "archived": lambda article: Article.objects.filter(pk=article.pk).update(state="archived"),
            "made internal": lambda article: Article.objects.filter(pk=article.pk).update(audience="agents"),
            "past Django": lambda article: connection.cursor().execute(
                "UPDATE articles_article SET state = 'draft' WHERE id = %s", [article.pk]
            ),
            "deleted": lambda article: article.delete(),
        }
        for case, hide in hidings.items():
            with self.subTest(case):
                article = make_article("Cornett", topic=self.topic)
                self.assertTrue(is_found("cornett"))
                hide(article)
                self.assertFalse(is_found("cornett"))
                self.assert_as_the_policy_says(case)

    def test_goes_by_the_clock_alone(self):
        article = make_article("Old dulcian", topic=self.topic, at=timezone.now() - 2 * HOUR)
        newer = publishing.revise(article, words={"title": "New racket"})
        publishing.publish(article, revision=newer, at=timezone.now() + HOUR)
        self.assertEqual((is_found("dulcian"), is_found("racket")), (True, False))
        with connection.cursor() as cursor:  # as if an hour had passed
            for column in ("from_at", "until_at"):
                cursor.execute(
                    f"UPDATE search_shown SET {column} = %s WHERE {column} > %s",
                    [timezone.now() - HOUR, timezone.now()],
                )
        Revision.objects.filter(pk=article.newest.pk).update(publish_at=timezone.now() - HOUR)
        self.assertEqual((is_found("dulcian"), is_found("racket")), (False, True))
