from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

UNDO = timedelta(minutes=1)  # what cannot be undone after it (a deletion, a mail) is done only then


class Action(models.Model):
    """What one of us did to some comments, and how they were before."""

    class What(models.TextChoices):
        PUBLISH = "publish", "Published"
        SPAM = "spam", "Marked as spam"
        DELETE = "delete", "Deleted"
        DISMISS = "dismiss", "Left as it is"
        ACCEPT = "accept", "Accepted as a workaround"
        TAKE_BACK = "take-back", "No longer a workaround"
        UNFOLD = "unfold", "Shown again"
        FOLD = "fold", "Left folded"

    what = models.CharField(max_length=9, choices=What)
    before = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    what__in=["publish", "spam", "delete", "dismiss", "accept", "take-back", "unfold", "fold"]
                ),
                name="action_what_known",
                violation_error_message="Choose one of the actions there are.",
            )
        ]

    def __str__(self):
        return f"{self.get_what_display()}: {len(self.before)}"

    def may_undo(self, user):
        """Who did it, for a while."""
        fresh = timezone.now() - self.made_at < UNDO
        return fresh and self.undone_at is None and self.made_by_id == user.pk

    def was_undone_just_now(self, user):
        return (
            self.undone_at is not None
            and self.made_by_id == user.pk
            and timezone.now() - self.undone_at < UNDO
        )
