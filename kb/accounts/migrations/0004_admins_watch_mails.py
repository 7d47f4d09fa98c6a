from django.db import migrations

from kb.accounts.rights import granting


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_admins_watch_jobs"), ("jobs", "0002_mail")]
    operations = [
        migrations.RunPython(
            granting("jobs", ["Admins"], actions=["view"], models=["mail"]), migrations.RunPython.noop
        )
    ]
