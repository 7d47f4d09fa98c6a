from django.apps import AppConfig


class EditsConfig(AppConfig):
    name = "kb.edits"
    verbose_name = "Edits"
