"""Readers find a comment helpful or not, once a browser; the comment keeps the sum, and is folded away where many did not."""

from django.db import transaction
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from kb.comments.models import FEWEST_NETWORKS, FOLDED_AT, Comment, CommentVote
from kb.guard.voter import Voter


@transaction.atomic
def vote(comment: Comment, *, value: int, visitor: str = "", by: Voter | None = None) -> None:
    """+1 or -1; 0 takes it back, and stays noted: this browser is shown the sum as it is. Sent twice it counts once.

    `by` says more of the visitor. What does not count is kept all the same, so that its sender finds it there.
    """
    by = by or Voter(visitor)
    Comment.objects.select_for_update().get(pk=comment.pk)  # two votes at once each see the other
    others = CommentVote.objects.filter(comment=comment).exclude(visitor=by.visitor)
    first = {
        "value": value,
        "network": by.network,
        "counted": by.counts(others),
        "first_of_network": bool(by.network) and not others.filter(network=by.network).exists(),
    }
    CommentVote.objects.update_or_create(
        comment=comment, visitor=by.visitor, defaults={"value": value}, create_defaults=first
    )
    _count_again(comment)
    _fold(Comment.objects.get(pk=comment.pk))


def _count_again(comment: Comment) -> None:
    """Without a word to the stored pages: a vote need not be seen at once by others."""
    votes = CommentVote.objects.filter(comment=OuterRef("pk"), counted=True).order_by().values("comment")
    total = votes.annotate(total=Sum("value")).values("total")
    Comment._base_manager.filter(pk=comment.pk).update(score=Coalesce(Subquery(total), 0))


def _fold(comment: Comment) -> None:
    """Or show it again; what our staff decided stays."""
    if comment.by_staff or comment.fold in {Comment.Fold.LEFT, Comment.Fold.SHOWN}:
        return
    against = CommentVote.objects.filter(comment=comment, counted=True, value=-1, first_of_network=True)
    is_disliked = comment.score <= FOLDED_AT and against.count() >= FEWEST_NETWORKS
    fold = Comment.Fold.BY_READERS if is_disliked else Comment.Fold.NOT
    Comment._base_manager.filter(pk=comment.pk).update(fold=fold)


def votes_of(visitor: str, comments) -> dict[int, int]:
    """What this browser said of these comments, by their number."""
    if not visitor:
        return {}
    mine = CommentVote.objects.filter(visitor=visitor, comment__in=comments)
    return dict(mine.values_list("comment", "value"))
