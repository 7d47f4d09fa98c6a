import time
from datetime import timedelta
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article
from kb.codes.models import Wording
from kb.delivery import changed, for_staff, remembered
from kb.delivery.models import Change
from kb.search.find import find
from kb.search.models import Synonym
from tests.delivery.strangers import connections_left_open
from tests.makers import make_article, make_topic, make_user

HOUR = timedelta(hours=1)


def found(text, user=None, **asked):
    return len(find(text, user=user or AnonymousUser(), **asked).hits)


def searches(text, **asked):
    """How often the index is asked."""
    with CaptureQueriesContext(connection) as queries:
        found(text, **asked)
    return sum("search_texts" in query["sql"] or "search_entry" in query["sql"] for query in queries)


class TheState(TestCase):
    def setUp(self):
        self.enterContext(connections_left_open())

    def asked(self, work):
        with CaptureQueriesContext(connection) as queries:
            work()
        return sum("FROM delivery_change" in query["sql"] for query in queries)

    def remember_twice(self):
        for key in ("a", "b"):
            remembered.remembered(key, str)

    def test_is_asked_for_once_in_a_request(self):
        request_started.send(sender=None, environ={})
        self.assertEqual(self.asked(self.remember_twice), 1)
        request_finished.send(sender=None)
        self.assertEqual(self.asked(self.remember_twice), 2)

    def test_is_asked_for_again_after_a_change_in_the_request(self):
        self.addCleanup(request_finished.send, sender=None)
        request_started.send(sender=None, environ={})
        number = iter(range(9))
        seen = [remembered.remembered("c", lambda: next(number)) for _ in range(2)]
        changed("article:1")
        seen.append(remembered.remembered("c", lambda: next(number)))
        self.assertEqual(seen, [0, 0, 1])


class WhatWasFound(TestCase):
    def setUp(self):
        self.article = make_article("Cornett")

    def test_is_not_looked_for_again(self):
        self.assertTrue(searches("cornett lessons"))
        self.assertFalse(searches("cornett lessons"))
        self.assertTrue(searches("cornett lesson"))

    def test_is_of_one_kind_and_topic_and_of_those_who_read_the_same(self):
        make_article("Cornett repair", audience="agents", topic=make_topic())
        other = make_article("Cornett makers", topic=make_topic()).topic
        self.assertEqual(
            [found("cornett"), found("cornett", make_user("Agents")), found("cornett", topic=other)],
            [2, 3, 1],
        )
        self.assertEqual(
            [found("cornett", kind="topic"), found("cornett"), found("cornett", kind="code")], [0, 2, 0]
        )

    def test_is_looked_for_again_after_any_edit(self):
        self.assertEqual(found("cornett"), 1)
        other = make_article("Cornett and sackbut")
        self.assertEqual(found("cornett"), 2)
        publishing.publish(other, revision=publishing.revise(other, words={"title": "Sackbut"}))
        self.assertEqual(found("cornett"), 1)
        Synonym.objects.create(words="cornett, sackbut")
        self.assertEqual(found("cornett"), 2)
        publishing.archive(Article.objects.get(pk=self.article.pk))
        self.assertEqual(found("cornett"), 1)

    def test_is_kept_when_only_staff_sees_what_changed(self):
        found("cornett")
        changed(for_staff("article:1"))
        self.assertFalse(searches("cornett"))
        changed("article:1")
        self.assertTrue(searches("cornett"))

    def test_is_looked_for_again_after_a_wording_that_stands_on_no_page(self):
        self.assertEqual(found("ophicleide"), 0)
        Wording.objects.create(pattern="ophicleide full", samples="Ophicleide full")
        self.assertEqual(found("ophicleide"), 1)

    def test_is_looked_for_again_when_a_moment_has_come(self):
        make_article("Cornett and sackbut", at=timezone.now() + HOUR)
        self.assertEqual(found("cornett"), 1)
        come = timezone.now()
        time.sleep(0.01)  # the database's clock has milliseconds
        now = timezone.now()
        with connection.cursor() as cursor:  # as if an hour had passed
            for table, column in (("search_shown", "from_at"), ("delivery_change", "at")):
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {column} > %s", [come, now])
        self.assertEqual(found("cornett"), 2)

    def test_is_looked_for_again_where_a_number_is_given_twice(self):
        """As after a transaction that was undone."""
        newest = Change.objects.last()
        self.assertFalse(searches("cornett lessons") and searches("cornett lessons"))
        Change.objects.filter(pk=newest.pk).update(made_at=timezone.now())
        self.assertTrue(searches("cornett lessons"))

    def test_is_kept_of_so_many_searches_and_for_so_long(self):
        with mock.patch.object(remembered, "MOST", 2):
            for word in ("cornett", "sackbut", "dulcian"):
                found(word)
            self.assertEqual((searches("dulcian"), searches("sackbut")), (0, 0))
            self.assertTrue(searches("cornett"))
        with mock.patch.object(remembered, "LONGEST", 0):
            found("crumhorn")
        self.assertTrue(searches("crumhorn"))
