import getpass
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from kb.guard.command_line import CodebookCommand
from kb.transfer.archive import BackupError
from kb.transfer.backup import restore


class Command(CodebookCommand):
    help = "Put the content of a backup in place; what is here is replaced only with --force."
    requires_tables = False  # a new copy may begin with a backup, in a folder that is there

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="What the command backup wrote.")
        parser.add_argument("--force", action="store_true", help="Replace the content that is here.")

    def handle(self, *, file, force, **options):
        with suppress(FileNotFoundError, IsADirectoryError):
            self.check_readable(file)
        if not settings.DATA_DIR.is_dir():
            raise CommandError(
                f"Nothing was restored. There is no folder {settings.DATA_DIR}. Make it first."
            )
        try:
            found = restore(Path(file), force=force)
        except BackupError as problem:
            raise CommandError(f"Nothing was restored. {problem}") from None
        self.stdout.write(
            f"Restored {found.rows} rows and {found.uploads} uploads of {found.made_at}, Codebook {found.version}, "
            f"into {found.database}."
        )
        if found.is_empty:
            self.stderr.write("This backup holds 0 articles and 0 codes.")
        self.stdout.write("Bring its tables and content up to date: ./codebook upgrade")

    def check_readable(self, file):
        try:
            open(file, "rb").close()
        except PermissionError:
            raise CommandError(
                f"Nothing was restored. {file} may not be read by {getpass.getuser()}, who owns the data of this copy. "
                f"Copy it to {settings.DATA_DIR} and give it to that owner."
            ) from None
