"""The tree of topics as the pages show it: only what has something to read in it."""

from collections import Counter

from kb.articles.models import Article, Topic
from kb.portal.listing import found_once


def topic_tree(user):
    """The top topics in order, each with `.below` (its topics) and `.count` (articles in it and below that this person may read)."""
    topics = list(Topic.objects.all())
    own = _counts(user)
    for topic in topics:
        topic.below = [child for child in topics if child.parent_id == topic.pk]
    for topic in topics:
        topic.count = _count(topic, own)
    for topic in topics:
        topic.below = [child for child in topic.below if child.count]
    return [topic for topic in topics if topic.parent_id is None and topic.count]


def _count(topic, own):
    return own[topic.pk] + sum(_count(child, own) for child in topic.below)


def path_to(topic):
    """From the top topic down to this one."""
    return [*path_to(topic.parent), topic] if topic else []


def _counts(user):
    readable = Article.objects.with_words().open_to(user)
    return found_once(("articles by topic",), user, lambda: Counter(readable.counts_by_topic()))
