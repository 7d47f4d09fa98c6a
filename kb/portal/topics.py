"""The tree of topics as the pages show it: only what has something to read in it."""

from collections import Counter

from kb.articles.models import Topic


def topic_tree(visible):
    """The top topics in order, each with `.below` (its topics) and `.count` (visible articles in it and below)."""
    topics = list(Topic.objects.all())
    own = Counter(visible.order_by().values_list("topic_id", flat=True))
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
    """From the top topic down to this one; topics know their parents from one query."""
    by_pk = {found.pk: found for found in Topic.objects.all()}
    steps = []
    while topic is not None:
        steps.insert(0, topic)
        topic = by_pk.get(topic.parent_id)
    return steps
