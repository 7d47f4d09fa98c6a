from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("codes", "0001_initial"), ("accounts", "0002_four_groups")]
    operations = [migrations.RunPython(granting("codes", ["Editors", "Admins"]), migrations.RunPython.noop)]
