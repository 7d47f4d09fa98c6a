from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "kb.search"

    def ready(self):
        from kb.search.index import after_migrations

        # Django sends this for every app with models; the articles' tables are among the last to be there.
        post_migrate.connect(
            after_migrations, sender=apps.get_app_config("articles"), dispatch_uid="search_index"
        )
