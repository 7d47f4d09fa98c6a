"""What people uploaded, out of wherever it is kept and back: a folder or a bucket, not always the one it came from."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from django.core.files import File
from django.core.files.storage import default_storage

from kb.articles.models import Picture
from kb.transfer.archive import FULL, BackupError

MEDIA = "media/"


def gathered(folder: Path) -> dict[str, Path]:
    """Each as a file, by its name in a backup; what lies elsewhere is fetched into this folder."""
    try:
        return {f"{MEDIA}{name}": _as_file(name, folder) for name in sorted(_names(""))}
    except OSError as problem:
        if problem.errno in FULL:
            raise
        raise BackupError(f"What people uploaded cannot be read: {problem.strerror or problem}.") from None


def put_back(files: dict[str, Path]) -> None:
    """In the place of what has the same name; nothing else is touched."""
    try:
        for name, file in files.items():
            with open(file, "rb") as stream:
                default_storage.save(_stored(name), File(stream))
            file.unlink()
    except OSError as problem:
        raise _no_way_back(problem) from None


def new_among(files: dict[str, Path]) -> list[str]:
    """Those that are not here yet, by their names here."""
    try:
        return [_stored(name) for name in files if not default_storage.exists(_stored(name))]
    except OSError as problem:
        raise _no_way_back(problem) from None


def forget(names: list[str]) -> None:
    """Delete these, but for those that a picture needs. One that cannot be deleted now is left: nobody is shown it."""
    needed = {picture.file_name for picture in Picture.objects.only("name")}
    for name in set(names) - needed:
        with suppress(OSError):
            default_storage.delete(name)


def size() -> int:
    """In bytes, as far as it takes no fetching to know it."""
    try:
        return sum(Path(default_storage.path(name)).stat().st_size for name in _names(""))
    except (NotImplementedError, OSError):
        return 0


def _no_way_back(problem):
    reason = problem.strerror or problem
    return BackupError(f"What people uploaded cannot be put back: {reason}. The database is as it was.")


def _stored(name):
    return name.removeprefix(MEDIA)


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
