from django.apps import AppConfig


class GuardConfig(AppConfig):
    name = "kb.guard"

    def ready(self):
        from kb.guard import checks  # noqa: F401 -- registers itself
