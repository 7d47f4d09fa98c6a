import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from kb.guard.command_line import CodebookCommand, owner
from kb.transfer.archive import BackupError
from kb.transfer.backup import backup


class Command(CodebookCommand):
    help = (
        "Write the database and all uploads into one file, consistent while people write, and read it again."
    )

    may_stay_root = True  # the file may lie where only root can write

    def add_arguments(self, parser):
        parser.add_argument(
            "file", metavar="FILE", help="Such as backup.tar.gz; one that is there is replaced."
        )

    def handle(self, *, file, **options):
        try:
            made = backup(Path(file))
        except BackupError as problem:
            raise CommandError(f"No backup was made. {problem}") from None
        if os.geteuid() == 0:  # for the owner of the data, who may restore it
            os.chown(made.path, *owner(settings.DATA_DIR))
        megabytes = made.path.stat().st_size / 1e6
        self.stdout.write(f"Backed up {made.database}: {made.rows} rows and {made.uploads} uploads.")
        self.stdout.write(f"{made.path}: {megabytes:.1f} MB; read again and whole.")
        if made.is_empty:
            self.stderr.write(
                "This backup holds 0 articles and 0 codes. If you expected others, name the database that the server uses."
            )
