"""The tree of topics counts what this person may read."""

from django.contrib.auth.models import AnonymousUser
from django.test import TestCase

from kb.articles.models import Revision
from kb.portal.topics import topic_tree
from tests.makers import make_article, make_draft, make_topic, make_user


class TopicTree(TestCase):
    def setUp(self):
        self.topic = make_topic()
        for audience in ("public", "public", "customers", "agents"):
            make_article(topic=self.topic, audience=audience)
        make_draft(topic=self.topic)

    def counted(self, user):
        return next(topic.count for topic in topic_tree(user) if topic == self.topic)

    def test_counts_for_each_person_what_they_may_read(self):
        for user, count in ((AnonymousUser(), 2), (make_user(), 3), (make_user("Agents"), 4)):
            with self.subTest(user=str(user)):
                self.assertEqual(self.counted(user), count)
                readable = Revision.objects.readable_by(user).in_topic(self.topic)
                self.assertEqual(readable.count(), count)

    def test_looks_at_the_articles_once_until_one_changes(self):
        stranger = AnonymousUser()
        self.counted(stranger)
        with self.assertNumQueries(2):  # the topics, and whether anything changed
            self.counted(stranger)
        make_article(topic=self.topic)
        self.assertEqual(self.counted(stranger), 3)
