"""Readers find a comment helpful or not, once a browser; the comment keeps the sum."""

from django.db import transaction
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from kb.comments.models import Comment, CommentVote


@transaction.atomic
def vote(comment: Comment, *, visitor: str, value: int) -> None:
    """+1 or -1; 0 takes it back, and stays noted: this browser is shown the sum as it is. Sent twice it counts once."""
    Comment.objects.select_for_update().get(pk=comment.pk)  # two votes at once each see the other
    CommentVote.objects.update_or_create(comment=comment, visitor=visitor, defaults={"value": value})
    _count_again(comment)


def _count_again(comment: Comment) -> None:
    """Without a word to the stored pages: a vote need not be seen at once by others."""
    votes = CommentVote.objects.filter(comment=OuterRef("pk")).order_by().values("comment")
    total = votes.annotate(total=Sum("value")).values("total")
    Comment._base_manager.filter(pk=comment.pk).update(score=Coalesce(Subquery(total), 0))


def votes_of(visitor: str, comments) -> dict[int, int]:
    """What this browser said of these comments, by their number."""
    if not visitor:
        return {}
    mine = CommentVote.objects.filter(visitor=visitor, comment__in=comments)
    return dict(mine.values_list("comment", "value"))
