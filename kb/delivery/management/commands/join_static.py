from django.core.management.base import BaseCommand

from kb.delivery.statics import join


class Command(BaseCommand):
    help = "Join static/kb/css and static/kb/js into kb.css and kb.js."

    def handle(self, **options):
        join()
