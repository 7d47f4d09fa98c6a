from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("comments", "0001_initial"), ("accounts", "0002_four_groups")]
    operations = [
        migrations.RunPython(
            granting("comments", ["Editors", "Admins"], actions=["view"], models=["comment"]),
            migrations.RunPython.noop,
        ),
        migrations.RunPython(
            granting("comments", ["Admins"], actions=["delete"], models=["comment"]),
            migrations.RunPython.noop,
        ),
        migrations.RunPython(
            granting("comments", ["Editors", "Admins"], models=["closed"]), migrations.RunPython.noop
        ),
    ]
