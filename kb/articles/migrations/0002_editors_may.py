from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial"), ("accounts", "0002_four_groups")]
    operations = [
        migrations.RunPython(granting("articles", ["Editors", "Admins"]), migrations.RunPython.noop)
    ]
