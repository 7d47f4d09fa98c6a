from django.apps import AppConfig


class GuardConfig(AppConfig):
    name = "kb.guard"

    def ready(self):
        from kb.guard import checks, replaced  # noqa: F401 -- the checks register themselves

        replaced.watch()
