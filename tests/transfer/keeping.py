"""The two verbs as the tests of both engines call them."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command


class Keeping:
    file: Path

    def backup(self):
        call_command("backup", self.file, stdout=StringIO())

    def restore(self, **options):
        call_command("restore", self.file, stdout=StringIO(), **options)
