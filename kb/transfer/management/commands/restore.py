from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from kb.transfer.archive import BackupError
from kb.transfer.backup import restore


class Command(BaseCommand):
    help = "Put the content of a backup in place; what is here is replaced only with --force."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="What the command backup wrote.")
        parser.add_argument("--force", action="store_true", help="Replace the content that is here.")

    def handle(self, *, file, force, **options):
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
        self.stdout.write("Bring its tables and content up to date: manage.py upgrade")
