"""The tree of topics as the pages show it: only what has something to read in it."""

from collections import Counter

from django.db.models import Count

from kb.articles.models import Topic


def topic_tree(readable):
    """The top topics in order, each with `.below` (its topics) and `.count` (readable articles in it and below)."""
    topics = list(Topic.objects.all())
    own = Counter(dict(readable.order_by().values_list("article__topic").annotate(Count("pk"))))
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
