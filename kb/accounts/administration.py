from django.contrib.admin.apps import AdminConfig


class CodebookAdminConfig(AdminConfig):
    """Apart from `apps`, where Django would take it for a second config of this room."""

    default_site = "kb.accounts.sites.EditorSite"
