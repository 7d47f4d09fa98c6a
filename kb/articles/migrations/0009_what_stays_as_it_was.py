from django.db import migrations
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Now


def keep(apps, schema_editor):
    """Until now the newest number was shown, from now on the latest moment is: every article shows what it showed."""
    revisions = apps.get_model("articles", "Revision").objects.using(schema_editor.connection.alias)
    of_article = revisions.filter(article=OuterRef("article"))
    newer = of_article.filter(pk__gt=OuterRef("pk"))
    # Drafts with newer words after them are no longer written on.
    revisions.filter(Exists(newer), approved_at=None).update(replaced=True)
    # What waits behind newer words with an earlier moment would never have been shown.
    approved = revisions.filter(approved_at__isnull=False)
    passed = newer.filter(approved_at__isnull=False, publish_at__lte=OuterRef("publish_at"))
    never = approved.filter(Exists(passed), publish_at__gt=Now()).values_list("pk", flat=True)
    revisions.filter(pk__in=list(never)).update(
        approved_at=None, approved_by=None, publish_at=None, replaced=True
    )
    # What is shown has the latest of the moments that have come.
    due = approved.filter(publish_at__lte=Now())
    latest = dict(due.order_by().values_list("article").annotate(latest=Max("publish_at")))
    shown = due.filter(~Exists(newer.filter(approved_at__isnull=False, publish_at__lte=Now())))
    for pk, article, moment in list(shown.values_list("pk", "article", "publish_at")):
        if moment < latest[article]:
            revisions.filter(pk=pk).update(publish_at=latest[article])


class Migration(migrations.Migration):
    """Going back needs nothing: the columns that this fills are dropped by the migration before."""

    dependencies = [("articles", "0008_versions_that_wait")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
