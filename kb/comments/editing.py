"""An author changes or takes back what they said; whether they may is asked of the comment before."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from kb.comments.models import Comment
from kb.comments.posting import Said, waits


def edit(comment: Comment, said: Said) -> bool:
    """New words wait for approval as new comments do, and are no workaround until one of us accepts them.

    False if the author has said the same here already.
    """
    try:
        with transaction.atomic():
            _hold(comment)
            if comment.deleted_at is None:  # else it was taken back meanwhile, and stays so
                _say_anew(comment, said)
    except IntegrityError:
        return False
    return True


def _hold(comment):
    """As it stands now, and nobody else changes it meanwhile: what our staff decided just now stays decided."""
    held = Comment.objects.select_for_update().get(pk=comment.pk)
    for name in ("state", "accepted_at", "accepted_by_id", "deleted_at"):
        setattr(comment, name, getattr(held, name))


def _say_anew(comment, said):
    comment.text, comment.edited_at = said.text, timezone.now()
    comment.accepted_at = comment.accepted_by = None
    if comment.state == Comment.State.PUBLISHED and waits(comment.made(), said):
        comment.state = Comment.State.PENDING
    comment.save(update_fields=["text", "edited_at", "state", "accepted_at", "accepted_by"])


def delete(comment: Comment) -> None:
    """Its words, name and address are gone for good; its place stays while there are replies to it."""
    comment.text = comment.name = comment.email = ""
    comment.deleted_at = timezone.now()
    comment.accepted_at = comment.accepted_by = None
    comment.save(update_fields=["text", "name", "email", "deleted_at", "accepted_at", "accepted_by"])
