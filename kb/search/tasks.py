"""The work of this room: articles keep their related lists, and corrections know the words that can be found."""

from datetime import timedelta

from kb import jobs
from kb.articles.models import Revision
from kb.search import relating, words


def relate(key):
    """The article's own list now; the lists near it as work of their own, once each however many are published together."""
    for near in relating.relate(int(key)):
        jobs.add("relate_near", near)
    for revision in Revision.objects.awaited().filter(article=key)[:1]:
        jobs.add("relate", key, due=revision.publish_at)


def relate_near(key):
    relating.relate(int(key))


JOBS = {"relate": relate, "relate_near": relate_near}


def learn_words():
    """A little at a time: the database waits while it writes."""
    words.learn(seconds=0.5)


DUE = [("learn_words", timedelta(minutes=1), learn_words)]
