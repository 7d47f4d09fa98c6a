"""What people uploaded, out of wherever it is kept and back: a folder or a bucket, not always the one it came from."""

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.core.files import File
from django.core.files.storage import default_storage

from kb.transfer import archive
from kb.transfer.archive import BackupError

MEDIA = "media/"


def gathered(folder: Path) -> dict[str, Path]:
    """Each as a file, by its name in a backup; what lies elsewhere is fetched into this folder."""
    return {f"{MEDIA}{name}": _as_file(name, folder) for name in sorted(_names(""))}


def put_back(files: dict[str, Path]) -> None:
    """In the place of what has the same name; nothing else is touched."""
    try:
        for name, file in files.items():
            with open(file, "rb") as stream:
                default_storage.save(str(archive.safe(name.removeprefix(MEDIA))), File(stream))
            file.unlink()
    except OSError as problem:
        reason = problem.strerror or problem
        raise BackupError(
            f"What people uploaded cannot be put back: {reason}. The database is as it was."
        ) from None


def _names(folder: str) -> Iterator[str]:
    """Without what is being written just now."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was uploaded yet
        return
    yield from (str(PurePosixPath(folder, name)) for name in files if not name.startswith("."))
    for name in folders:
        yield from _names(str(PurePosixPath(folder, name)))


def _as_file(name, folder):
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        file = folder / MEDIA / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with default_storage.open(name) as source, open(file, "wb") as target:
        shutil.copyfileobj(source, target)
    return file
