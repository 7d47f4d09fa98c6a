"""What happens when an article is revised, published or taken back has one address: here."""

from django.db import transaction
from django.utils import timezone

from kb import delivery, jobs
from kb.articles.models import Article, Revision


@transaction.atomic
def revise(article, *, words, by=None, note=""):
    """Save these words as a new draft revision; if they are those of the newest one, nothing is added."""
    newest = article.revisions.order_by("-pk").first()
    if newest and newest.words == {**newest.words, **words}:
        return newest
    base = newest.words if newest else {}
    return Revision.objects.create(article=article, made_by=by, note=note, **{**base, **words})


@transaction.atomic
def publish(article, *, revision, by=None, at=None):
    """Readers see `revision` from `at` on (now if none). One that they see already stays as it is."""
    now = timezone.now()
    if revision.approved_at is None:
        revision.approved_by = by
        revision.approved_at = now
        revision.publish_at = at or now
        revision.save(update_fields=["approved_by", "approved_at", "publish_at", "html", "plain"])
    elif revision.publish_at > now:
        revision.publish_at = at or now
        revision.save(update_fields=["publish_at"])
    _move(article, Article.State.PUBLISHED)
    delivery.changed(*article.targets(), at=revision.publish_at)
    jobs.add("relate", article.pk, due=revision.publish_at)


@transaction.atomic
def take_back(article):
    """Readers see it no more; its words stay approved for the day it is published again."""
    _move(article, Article.State.DRAFT)
    place_changed(article)


@transaction.atomic
def archive(article):
    """Out of every list and away from agents too; nothing is deleted."""
    _move(article, Article.State.ARCHIVED)
    place_changed(article)


def place_changed(article):
    """Its topic or its state is another, so it is near to other articles now."""
    jobs.add("relate", article.pk)


def _move(article, state):
    if article.state != state:
        article.state = state
        article.save(update_fields=["state"])


def restore(article, *, revision, by):
    """An old revision's words as a new draft; nothing of the history is lost."""
    return revise(
        article, words=revision.words, by=by, note=f"Words of {revision.made_at:%d %B %Y} taken up again"
    )
