import os
import secrets

from django.core.management.base import CommandError
from django.db import transaction

from kb.accounts.models import User
from kb.guard.command_line import CodebookCommand
from kb.transfer import samples

NAME = "admin"


class Command(CodebookCommand):
    help = "Make a demo admin and some comments in an empty copy; the password is DEMO_PASSWORD, or printed once."

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="Take them away again, all of them.")

    def handle(self, *, remove, **options):
        if remove:
            self.remove()
            return
        if User.objects.exclude(username=NAME).exists():
            raise CommandError("This copy has users of its own, so it gets no demo admin.")
        if User.objects.filter(username=NAME).exists():
            return
        given = os.environ.get("DEMO_PASSWORD", "")
        password = given or secrets.token_urlsafe(9)
        samples.add(User.objects.create_superuser(NAME, password=password))
        shown = "the one in DEMO_PASSWORD" if given else password
        self.stdout.write(f"Demo admin: user name {NAME}, password {shown}")

    def remove(self):
        """An admin of the same name who did not write the samples is somebody’s own."""
        admin = samples.author()
        with transaction.atomic():
            count = samples.remove()
            if gone := admin is not None and admin.username == NAME:
                admin.delete()
        who = " and the demo admin" if gone else ""
        self.stdout.write(f"Removed {count} sample comments{who}." if count else "There are no samples here.")
        if gone and not User.objects.filter(is_superuser=True, is_active=True).exists():
            self.stdout.write("There is no admin now. Make one: ./codebook createsuperuser")
        elif not gone and User.objects.filter(username=NAME).exists():
            self.stdout.write(
                f"There is still a user “{NAME}”. If nobody uses it, delete it in the admin under Users."
            )
