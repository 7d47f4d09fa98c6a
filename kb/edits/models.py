from django.conf import settings
from django.db import models
from django.utils import timezone


class Answer(models.Model):
    """The answer to a form that was saved; the same form sent again by the same person gets it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="Of the form's key and all its fields.")
    answer = models.JSONField(default=dict, help_text="Where it led, and the messages shown there.")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "digest"],
                name="answer_once",
                violation_error_message="This form was saved already.",
            )
        ]

    def __str__(self):
        return f"{self.answer.get('location', '')} for {self.user_id}"
