"""Rights of the groups in the admin, granted once by migrations, so that what an admin changes later stays."""

from django.contrib.auth.management import create_permissions


def granting(app_label, groups, actions=("view", "add", "change", "delete"), models=None):
    """A migration step that gives these groups the rights on a room's models (all of them if none are named)."""

    def grant(apps, schema_editor):
        config = apps.get_app_config(app_label)
        config.models_module = True  # state apps have none, and create_permissions would pass them over
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label=app_label)
        if models:
            permissions = permissions.filter(content_type__model__in=models)
        chosen = [right for right in permissions if right.codename.split("_")[0] in actions]
        for group in apps.get_model("auth", "Group").objects.filter(name__in=groups):
            group.permissions.add(*chosen)

    return grant
