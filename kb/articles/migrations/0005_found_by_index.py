from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether words are shown, and what was reviewed last, is answered without reading every article."""

    dependencies = [("articles", "0004_checks_every_program_can_read")]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["-reviewed_on", "id"], name="article_reviewed_last"),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("approved_at__isnull", False)),
                fields=["article", "publish_at"],
                name="revision_due",
            ),
        ),
    ]
