"""What happens when an article is revised, published or taken back has one address: here."""

from django.db import transaction
from django.utils import timezone

from kb import delivery, jobs
from kb.articles import placement as placements
from kb.articles.models import Article, Revision

APPROVAL = ("approved_by", "approved_at", "publish_at")
NEWEST = object()


@transaction.atomic
def revise(article, *, words, by=None, note="", base=NEWEST, placement=None):
    """Save these words, and what they change of the article itself, as a new draft made from `base`, the newest
    revision if none is named. If nothing differs, nothing is added.

    A draft takes the place of the draft that it was made from, and its placement if it has none of its own.
    """
    if base is NEWEST:
        base = article.revisions.order_by("-pk").first()
    words = {**(base.words if base else {}), **words}
    if base and base.is_draft and placement is None:
        placement = base.placement
    if base and base.words == words and (placement or None) == base.placement:
        return base
    if base and base.is_draft:
        base.replaced = True
        base.save(update_fields=["replaced"])
    return Revision.objects.create(
        article=article, made_by=by, note=note, base=base, placement=placement or None, **words
    )


@transaction.atomic
def publish(article, *, revision, by=None, at=None):
    """Readers see `revision` from `at` on (now if none). One that they see already stays as it is."""
    go_live(article)
    revision.refresh_from_db(fields=["placement", "replaced", *APPROVAL])
    now = timezone.now()
    if revision.approved_at is None:
        revision.approved_by, revision.approved_at = by, now
    elif not revision.is_waiting:
        _show(article, revision)
        return
    revision.publish_at, revision.replaced = at or now, False
    if revision.publish_at <= now:
        shown = article.revisions.shown().first()
        if shown and shown.publish_at > revision.publish_at:  # what is published later is read
            revision.publish_at = max(now, shown.publish_at)
        changes, revision.placement = revision.placement, None
        _place(article, changes or {}, by=revision)
    revision.save(update_fields=[*APPROVAL, "placement", "replaced", "html", "plain"])
    _withdraw_those_it_was_made_from(revision)
    _show(article, revision)


def _show(article, revision):
    _move(article, Article.State.PUBLISHED)
    _await_placements(article)
    delivery.changed(*article.targets(), at=revision.publish_at)
    jobs.add("relate", article.pk, due=revision.publish_at)


def _await_placements(article):
    for revision in article.revisions.awaited().filter(placement__isnull=False):
        jobs.add("go_live", article.pk, due=revision.publish_at)


def _place(article, changes, *, by=None):
    """What a version of a published article brings along; `by` is that version."""
    before = article.audience
    if by and by.approved_by:
        article._history_user = by.approved_by
    placements.apply(article, changes)
    keep_narrow(article, before, besides=by)
    if changes:
        place_changed(article)


def keep_narrow(article, before, *, besides=None):
    """The audience is another than `before`: versions that were written for fewer readers stay for those."""
    if placements.keep_narrow(article, before, besides):
        _await_placements(article)


def _withdraw_those_it_was_made_from(revision):
    """They hold the same words, only older, and would take the place of the better ones."""
    base = revision.base
    while base:
        if base.is_waiting or base.is_draft:
            withdraw(base)
            discard(base)
        base = base.base


@transaction.atomic
def go_live(article):
    """Apply the placements of scheduled versions whose moment has come, each with its words in one transaction."""
    Article.objects.select_for_update().get(pk=article.pk)
    article.refresh_from_db()  # what was read before the lock may have changed
    for revision in article.revisions.overdue():
        changes, revision.placement = revision.placement, None
        _place(article, changes, by=revision)
        revision.save(update_fields=["placement"])
    _await_placements(article)


@transaction.atomic
def withdraw(revision):
    """A scheduled version is a draft again and goes live at no moment."""
    if revision.is_waiting:
        revision.approved_by = revision.approved_at = revision.publish_at = None
        revision.save(update_fields=APPROVAL)


def discard(draft):
    """Nobody goes on with it; its words stay in the history."""
    draft.replaced = True
    draft.save(update_fields=["replaced"])


@transaction.atomic
def place(article, changes):
    """Change the article itself at once, its words left as they are."""
    if article.state == Article.State.PUBLISHED:
        _place(article, changes)
        _await_placements(article)
    else:
        placements.apply(article, changes)
        place_changed(article)


@transaction.atomic
def take_back(article):
    """Readers see it no more; its words stay approved for the day it is published again. What waits is a draft again."""
    _hide(article, Article.State.DRAFT)


@transaction.atomic
def archive(article):
    """Out of every list and away from agents too; nothing is deleted. What waits is a draft again."""
    _hide(article, Article.State.ARCHIVED)


def _hide(article, state):
    _move(article, state)
    for revision in article.revisions.waiting():
        withdraw(revision)
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
    note = f"Words of {revision.made_at:%d %B %Y} taken up again"
    base = article.revisions.shown().first() or revision.base
    return revise(article, words=revision.words, by=by, note=note, base=base)
