"""A comment is posted: kept once however often it is sent, and shown at once or after approval."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from kb.accounts import roles
from kb.comments import notifying
from kb.comments.models import Comment
from kb.comments.rendering import links_in

RESENT_WITHIN = timedelta(minutes=10)
SAME_WORDS_WITHIN = timedelta(days=1)
MOST_LINKS = 3
TELLING = 40  # characters; shorter words, such as thanks, are the same for many people


@dataclass(frozen=True)
class Said:
    """What a person sent, checked by the form, and who sent it."""

    name: str
    text: str
    user: object
    visitor: str
    email: str = ""
    parent: Comment | None = None
    from_our_page: bool = True  # the browser said so; a program that is nobody's browser says nothing
    is_new_here: bool = False  # it came without a cookie of ours
    is_bait: bool = False  # the field that people never see was filled in


@dataclass(frozen=True)
class Posted:
    comment: Comment
    is_new: bool


def draft(target, said: Said) -> Comment:
    """The comment as it would be kept, with its key."""
    author = said.user if said.user.is_authenticated else None
    return Comment(
        **Comment.place_of(target),
        parent=said.parent,
        thread=said.parent and (said.parent.thread or said.parent),
        author=author,
        by_staff=roles.is_agent(said.user),
        name=said.name,
        email=said.email,
        text=said.text,
        visitor=said.visitor,
    ).made()


def sent_before(comment: Comment) -> Comment | None:
    """The same comment, if it has been kept already."""
    return Comment.objects.kept().filter(key=comment.key).first()


def post(target, said: Said) -> Posted:
    """Sent a second time it answers as the first time: with the same comment."""
    comment = draft(target, said)
    comment.state = state_of(comment, said)
    with transaction.atomic():
        kept = _keep(comment)
        if kept is not comment:
            _claim(kept, said)
        elif kept.state == Comment.State.PUBLISHED:
            notifying.published(kept)
    return Posted(kept, is_new=kept is comment)


def _keep(comment: Comment) -> Comment:
    """The table decides which of two that come at once is the first."""
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
        return comment
    except IntegrityError:
        kept = sent_before(comment)
        if kept is None:
            raise
        return kept


def state_of(comment: Comment, said: Said) -> str:
    if said.is_bait:
        return Comment.State.SPAM
    return Comment.State.PENDING if waits(comment, said) else Comment.State.PUBLISHED


def waits(comment: Comment, said: Said) -> bool:
    """Whether one of us reads it first. Our own words never wait."""
    if comment.by_staff:
        return False
    if not said.from_our_page or settings.COMMENT_APPROVAL == "all" or _said_elsewhere(comment):
        return True
    return settings.COMMENT_APPROVAL == "first" and not is_known(comment, said)


def is_known(comment: Comment, said: Said) -> bool:
    """Whether something else by this account, or without one by this browser, is published."""
    own = Comment.objects.published().of(said.user, said.visitor)
    return own.exclude(pk=comment.pk).exists()


def _said_elsewhere(comment: Comment) -> bool:
    """The same words were sent to another place within a day, as advertising is."""
    if len(comment.text) < TELLING and not links_in(comment.text):
        return False
    since = timezone.now() - SAME_WORDS_WITHIN
    same = Comment.objects.filter(words=comment.words, made_at__gt=since)
    return same.exclude(key=comment.key).exists()


def _claim(comment: Comment, said: Said) -> None:
    """A browser whose first answer was cut off never got its cookie: what it sends again becomes its own.

    Only what nobody else can have read, and only for a while.
    """
    fresh = timezone.now() - comment.made_at < RESENT_WITHIN
    if said.is_new_here and fresh and comment.author_id is None and comment.state == Comment.State.PENDING:
        Comment._base_manager.filter(pk=comment.pk).update(visitor=said.visitor)  # no page shows it


def too_many_links(text: str) -> int:
    """How many links, if that is too many."""
    count = len(links_in(text))
    return count if count > MOST_LINKS else 0
