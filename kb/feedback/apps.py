from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "kb.feedback"
    verbose_name = "Feedback"
