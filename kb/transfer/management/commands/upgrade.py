import fcntl
import os
from contextlib import contextmanager

from django.conf import settings
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
        with one_at_a_time():
            call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write("Shipped content: ", ending="")
            call_command("loadcodes", stdout=self.stdout)
            run_due()
            statics.join()
            statics.collect()
            if demo and not User.objects.exists():
                self.make_first_user()

    def make_first_user(self):
        """A demo admin only where nobody else can reach the sign-in form, or where its password was chosen."""
        if settings.OPEN_TO_OTHERS and not os.environ.get("DEMO_PASSWORD"):
            self.stdout.write(
                "There is no user yet. Make an admin: .venv/bin/python manage.py createsuperuser"
            )
        else:
            call_command("demo", stdout=self.stdout)


@contextmanager
def one_at_a_time():
    """A second start on the same data waits here until the first has done its work."""
    with open(settings.DATA_DIR / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
