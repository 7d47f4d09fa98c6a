from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial"), ("accounts", "0002_four_groups")]
    operations = [
        migrations.RunPython(
            granting("search", ["Editors", "Admins"], models=["synonym"]), migrations.RunPython.noop
        )
    ]
