import fcntl
import os
import sqlite3
from contextlib import contextmanager
from time import monotonic

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from kb.accounts.models import User
from kb.delivery import statics
from kb.guard import permissions
from kb.guard.checks import is_open
from kb.guard.command_line import CodebookCommand
from kb.jobs.working import run_due
from kb.transfer import upgrading, workspace
from kb.transfer.archive import FULL, BackupError, cannot_write
from kb.transfer.databases import ToolMissing

LONGEST = 10  # seconds of due work that a start waits for; the server goes on with the rest


class Command(CodebookCommand):
    help = (
        "Bring this copy up to date, after a backup: tables, shipped content, static files. Safe to repeat."
    )
    requires_tables = False

    def add_arguments(self, parser):
        parser.add_argument(
            "--demo", action="store_true", help="Make the demo admin if there is no user yet."
        )

        parser.add_argument("--no-backup", action="store_true", help="Make no backup before.")

    def handle(self, *, demo, no_backup, **options):
        if is_read_only() and not upgrading.is_due():
            self.stdout.write(
                "DATA_DIR is on a read-only disk: nothing was changed. What is there can be read."
            )
            return
        try:
            upgrading.make_folder()
        except OSError as problem:
            raise CommandError(
                f"DATA_DIR: {problem}. Codebook keeps its database and secret key there and must be able to write."
            ) from None
        with one_at_a_time():
            workspace.clear()
            upgrading.make_secret()
            upgrading.make_database()
            for sentence in permissions.tighten():
                self.stdout.write(sentence)
            if not no_backup and upgrading.is_due():
                self.back_up()
            try:
                self.bring_up_to_date(demo=demo)
            except (OSError, OperationalError) as problem:
                if not is_full(problem):
                    raise
                raise CommandError(
                    f"The disk that holds DATA_DIR ({settings.DATA_DIR}) is full, and the upgrade is not complete. "
                    "Make room there, and start it again."
                ) from None

    def bring_up_to_date(self, *, demo):
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("Shipped content: ", ending="")
        call_command("loadcodes", stdout=self.stdout)
        run_due(go_on=until(monotonic() + LONGEST))
        statics.join()
        statics.collect()
        upgrading.note_done()
        if demo and not User.objects.exists():
            self.make_first_user()

    def back_up(self):
        try:
            self.stdout.write(f"Backup: {upgrading.back_up()}")
        except ToolMissing as problem:
            self.stdout.write(f"There is no backup of the state before: {problem}")
        except BackupError as problem:
            raise CommandError(
                f"Nothing was changed, for there is no backup. {problem} (--no-backup does without.)"
            ) from None

    def make_first_user(self):
        """A demo admin only where nobody else can reach the sign-in form, or where its password was chosen."""
        if is_open() and not os.environ.get("DEMO_PASSWORD"):
            self.stdout.write("There is no user yet. Make an admin: ./codebook createsuperuser")
        else:
            call_command("demo", stdout=self.stdout)


@contextmanager
def one_at_a_time():
    """A second start on the same data waits here until the first has done its work."""
    try:
        lock = os.open(settings.DATA_DIR / "lock", os.O_CREAT | os.O_WRONLY, 0o600)
    except OSError as problem:
        raise CommandError(f"Nothing was changed. {cannot_write(settings.DATA_DIR, problem)}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def is_read_only():
    folder = settings.DATA_DIR
    return folder.exists() and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def is_full(problem):
    code = getattr(problem.__cause__, "sqlite_errorcode", 0)
    return getattr(problem, "errno", None) in FULL or code & 0xFF == sqlite3.SQLITE_FULL


def until(end):
    return lambda: monotonic() < end
