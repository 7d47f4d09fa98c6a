from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_four_groups"), ("jobs", "0001_initial")]
    operations = [
        migrations.RunPython(
            granting("jobs", ["Admins"], actions=["view"], models=["job"]), migrations.RunPython.noop
        )
    ]
