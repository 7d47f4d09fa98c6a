from django.db import migrations

from kb.accounts.rights import granting

GROUPS = ("Customers", "Agents", "Editors", "Admins")


def make(apps, schema_editor):
    for name in GROUPS:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS, user=None).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunPython(make, remove),
        migrations.RunPython(granting("accounts", ["Admins"]), migrations.RunPython.noop),
        migrations.RunPython(granting("auth", ["Admins"], models=["group"]), migrations.RunPython.noop),
    ]
