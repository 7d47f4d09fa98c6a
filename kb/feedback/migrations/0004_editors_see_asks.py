from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("feedback", "0003_asks_counted"), ("accounts", "0002_four_groups")]
    operations = [
        migrations.RunPython(
            granting("feedback", ["Editors", "Admins"], actions=["view"], models=["ask"]),
            migrations.RunPython.noop,
        ),
        migrations.RunPython(
            granting("feedback", ["Admins"], actions=["delete"], models=["ask"]), migrations.RunPython.noop
        ),
    ]
