"""What this room has done in the background."""

from datetime import timedelta

from django.utils import timezone

from kb.comments.models import Comment, CommentVote

UNCONFIRMED_KEPT = timedelta(days=30)
NETWORKS_KEPT = timedelta(days=1)


def forget_addresses():
    """Of people who never said that they want to be told of replies."""
    unwanted = Comment.objects.with_unwanted_address(before=timezone.now() - UNCONFIRMED_KEPT)
    unwanted.update(email="")


def forget_networks():
    """Of votes; what they were needed for is written down by then."""
    CommentVote.objects.filter(made_at__lt=timezone.now() - NETWORKS_KEPT).exclude(network="").update(
        network=""
    )


DUE = [
    ("forget_addresses", timedelta(days=1), forget_addresses),
    ("forget_networks_of_comment_votes", timedelta(hours=1), forget_networks),
]
