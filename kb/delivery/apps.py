from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "kb.delivery"
