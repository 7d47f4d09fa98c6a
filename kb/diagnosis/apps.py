from django.apps import AppConfig


class DiagnosisConfig(AppConfig):
    name = "kb.diagnosis"
    verbose_name = "Diagnosis"
