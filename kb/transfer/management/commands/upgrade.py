from django.core.management import call_command
from django.core.management.base import BaseCommand

from kb.accounts.models import User
from kb.delivery import statics
from kb.jobs.working import run_due


class Command(BaseCommand):
    help = "Bring this copy up to date: the tables, the shipped content, the static files. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument(
            "--demo", action="store_true", help="Make the demo admin if there is no user yet."
        )

    def handle(self, *, demo, **options):
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("Shipped content: ", ending="")
        call_command("loadcodes", stdout=self.stdout)
        run_due()
        statics.join()
        statics.collect()
        if demo and not User.objects.exists():
            call_command("demo", stdout=self.stdout)
