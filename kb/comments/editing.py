"""An author changes or takes back what they said; whether they may is asked of the comment before."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from kb.comments.models import Comment
from kb.comments.posting import Said, waits


def edit(comment: Comment, said: Said) -> bool:
    """New words wait for approval as new comments do. False if the author has said the same here already."""
    comment.text, comment.edited_at = said.text, timezone.now()
    if comment.state == Comment.State.PUBLISHED and waits(comment.made(), said):
        comment.state = Comment.State.PENDING
    try:
        with transaction.atomic():
            comment.save(update_fields=["text", "edited_at", "state"])
    except IntegrityError:
        return False
    return True


def delete(comment: Comment) -> None:
    """Its words, name and address are gone for good; its place stays while there are replies to it."""
    comment.text = comment.name = comment.email = ""
    comment.deleted_at = timezone.now()
    comment.accepted_at = comment.accepted_by = None
    comment.save(update_fields=["text", "name", "email", "deleted_at", "accepted_at", "accepted_by"])
