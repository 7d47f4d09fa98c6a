"""What this room has done in the background."""

from datetime import timedelta

from django.utils import timezone

from kb.comments.models import Comment

UNCONFIRMED_KEPT = timedelta(days=30)


def forget_addresses():
    """Of people who never said that they want to be told of replies."""
    unwanted = Comment.objects.with_unwanted_address(before=timezone.now() - UNCONFIRMED_KEPT)
    unwanted.update(email="")


DUE = [("forget_addresses", timedelta(days=1), forget_addresses)]
