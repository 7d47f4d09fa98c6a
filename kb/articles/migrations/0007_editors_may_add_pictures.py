from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_pictures"), ("accounts", "0002_four_groups")]
    operations = [
        migrations.RunPython(
            granting("articles", ["Editors", "Admins"], models=["picture"]), migrations.RunPython.noop
        )
    ]
