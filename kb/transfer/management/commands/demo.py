import os
import secrets

from django.core.management.base import CommandError

from kb.accounts.models import User
from kb.guard.command_line import CodebookCommand
from kb.transfer import samples

NAME = "admin"


class Command(CodebookCommand):
    help = "Make a demo admin and some comments in an empty copy; the password is DEMO_PASSWORD, or printed once."

    def handle(self, **options):
        if User.objects.exclude(username=NAME).exists():
            raise CommandError("This copy has users of its own, so it gets no demo admin.")
        if User.objects.filter(username=NAME).exists():
            return
        given = os.environ.get("DEMO_PASSWORD", "")
        password = given or secrets.token_urlsafe(9)
        samples.add(User.objects.create_superuser(NAME, password=password))
        shown = "the one in DEMO_PASSWORD" if given else password
        self.stdout.write(f"Demo admin: user name {NAME}, password {shown}")
