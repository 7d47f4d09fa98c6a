from django.db import migrations, models


class Migration(migrations.Migration):
    """A vote that was taken back stays noted as 0."""

    dependencies = [("comments", "0004_subscription")]

    operations = [
        migrations.RemoveConstraint(model_name="commentvote", name="comment_vote_up_or_down"),
        migrations.AddConstraint(
            model_name="commentvote",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__in", [1, 0, -1])),
                name="comment_vote_up_down_or_none",
                violation_error_message="A vote is for a comment, against it, or taken back.",
            ),
        ),
    ]
