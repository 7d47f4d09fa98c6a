"""What is kept in DATA_DIR is private to its owner, also where an older version or an open folder left it readable."""

import os
import stat
from pathlib import Path

from django.conf import settings
from django.db import connection

OURS = {"backups", "lock", "lost+found", "media", "secret-key", "static", "upgraded-from"}
FOLDERS = ("backups", "media")
ENDINGS = ("", "-wal", "-shm", "-journal", ".damaged", ".damaged-wal", ".damaged-shm")
GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def tighten() -> list[str]:
    """Take the database, the key, uploads and backups from everybody but their owner; returns a sentence for each change.

    A folder that only a group may enter was shared on purpose and stays so, and one that holds what is not ours is
    left alone: the files in it are closed nevertheless.
    """
    data, database = Path(settings.DATA_DIR), _database()
    private = [data / "secret-key", *(data / name for name in FOLDERS), *data.glob("backups/*.tar.gz")]
    if database:
        private += [Path(f"{database}{ending}") for ending in ENDINGS]
    closed = [path for path in private if _close(path, GROUP_AND_OTHERS)]
    if _holds_only_ours(data, database) and _close(data, stat.S_IRWXO):
        closed.append(data)
    return [f"{path} was open to others; now it is its owner’s alone." for path in closed]


def _database():
    name = str(connection.settings_dict["NAME"])
    return name if connection.vendor == "sqlite" and not name.startswith("file:") else ""


def _close(path, modes):
    """True if it was ours and open to these; then it is open to its owner alone."""
    try:
        found = path.lstat()
        is_ours = found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode)
        if not is_ours or not found.st_mode & modes or found.st_mode & stat.S_ISVTX:
            return False
        path.chmod(stat.S_IMODE(found.st_mode) & ~GROUP_AND_OTHERS)
    except OSError:  # it is not there, or on a read-only disk
        return False
    return True


def _holds_only_ours(data, database):
    name = Path(database).name
    try:
        names = [path.name for path in data.iterdir()]
    except OSError:
        return False
    return all(each in OURS or each.startswith(".") or (name and each.startswith(name)) for each in names)
