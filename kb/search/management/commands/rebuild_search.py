from django.core.management.base import BaseCommand

from kb.search.index import rebuild


class Command(BaseCommand):
    help = "Make the search index anew from the records."

    def handle(self, **options):
        self.stdout.write(f"{rebuild()} records can be found.")
