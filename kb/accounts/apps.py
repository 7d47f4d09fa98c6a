from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kb.accounts"
    verbose_name = "People"
