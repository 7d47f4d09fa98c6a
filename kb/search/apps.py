from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class SearchConfig(AppConfig):
    name = "kb.search"

    def ready(self):
        from kb.search.index import after_migrations, before_migrations

        # Django sends these for every app with models; the articles' tables are among the last to be there.
        articles = apps.get_app_config("articles")
        pre_migrate.connect(before_migrations, sender=articles, dispatch_uid="search_triggers")
        post_migrate.connect(after_migrations, sender=articles, dispatch_uid="search_index")
