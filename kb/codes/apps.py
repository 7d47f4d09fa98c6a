from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "kb.codes"
    verbose_name = "Codes"
