from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "kb.jobs"
    verbose_name = "Due work"
