import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0005_found_by_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(editable=False, max_length=40, unique=True)),
                ("width", models.PositiveIntegerField(editable=False)),
                ("height", models.PositiveIntegerField(editable=False)),
                ("bytes", models.PositiveIntegerField(editable=False)),
                ("given_name", models.CharField(editable=False, max_length=100, verbose_name="file")),
                (
                    "alt",
                    models.CharField(
                        help_text="For people who cannot see it; each article may say it in its own words.",
                        max_length=200,
                        verbose_name="what it shows",
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="PictureUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="articles.picture",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.revision"
                    ),
                ),
            ],
            options={
                "verbose_name": "words of an article",
                "verbose_name_plural": "words of articles",
            },
        ),
        # Its table is that of the uses; said to SQLite, it would make the one of all words anew.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="revision",
                    name="pictures",
                    field=models.ManyToManyField(
                        blank=True,
                        editable=False,
                        related_name="revisions",
                        through="articles.PictureUse",
                        to="articles.picture",
                    ),
                )
            ],
        ),
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt", ""), _negated=True),
                name="picture_says_what_it_shows",
                violation_error_message="Say what the picture shows.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pictureuse",
            constraint=models.UniqueConstraint(fields=("revision", "picture"), name="picture_use_once"),
        ),
    ]
