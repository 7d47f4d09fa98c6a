"""What people upload, kept in a folder; where an operator has a bucket for it, `kb.delivery.bucket` takes this one's place."""

import os
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from kb.delivery import drafts


class MediaAway(OSError):
    """The place where uploads are kept does not answer, or does not give what it was given; told to the log alone."""


class Disk(FileSystemStorage):
    """A file is there whole or not at all: it is written beside and moved, in the place of one with its name."""

    def check(self) -> None:
        """Raises MediaAway where nothing can be kept; the folder itself comes with the first file."""
        if not os.access(self._nearest(), os.W_OK):
            raise MediaAway(f"{self.location} cannot be written to")

    def _nearest(self):
        folder = Path(self.location)
        return folder if folder.exists() else folder.parent

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:
        try:
            self._write(Path(self.path(name)), content)
        except OSError as problem:  # full, or not ours to write to
            raise MediaAway(f"{name}: {problem.strerror or problem}") from None
        return name

    def _write(self, path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        with drafts.replacing(path) as file:
            for piece in content.chunks():
                file.write(piece)
