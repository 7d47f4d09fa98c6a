"""Folders for the copies that a backup or a restore works on, and the end of those that a killed one left.

Each is locked by the process that uses it. The lock goes with the process, so a folder without one is nobody's.
"""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from kb.delivery import drafts
from kb.transfer import uploads
from kb.transfer.archive import BackupError, cannot_write, need_room

FOLDER = re.compile(r"\.(backup|restore)-\w{8}")
# What may lie in one; a folder of the same name that holds something else is not ours.
TARGET, UPLOADS = "target", "uploads"
CONTENT = re.compile(rf"{TARGET}|{UPLOADS}|media|database\.\w+(-wal|-shm|-journal)?")

# Of this process; a tool that it starts takes them along, for it may go on when this process has been killed.
locks: set[int] = set()


@contextmanager
def opened(purpose: str, place: Path, *, room: int = 0) -> Iterator[Path]:
    """A folder in `place` for its owner alone, in which so many bytes fit as far as that can be known."""
    need_room(place, room)
    with _guarded(place):
        folder = Path(tempfile.mkdtemp(prefix=f".{purpose}-", dir=place))
        held = os.open(folder, os.O_RDONLY)
        drafts.lock(held)
    locks.add(held)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        locks.discard(held)
        os.close(held)


def place_for(size: int, target: Path) -> Path:
    """Where a backup makes its copy: in DATA_DIR; beside the backup where that disk is read-only or has no room."""
    try:
        need_room(settings.DATA_DIR, size)
    except (BackupError, OSError):
        return target
    return settings.DATA_DIR if os.access(settings.DATA_DIR, os.W_OK) else target


def note_target(folder: Path, target: Path) -> None:
    """The folder that a backup is written to, which holds a draft of it if this process is killed."""
    (folder / TARGET).write_text(str(target))


def note_uploads(folder: Path, names: list[str]) -> None:
    """Uploads that a restore is about to add: without its rows they are nobody's."""
    (folder / UPLOADS).write_text(json.dumps(names))


def clear(*targets: Path) -> None:
    """What killed backups and restores left in DATA_DIR, in these folders and where they wrote to.

    What a running one uses stays, and what cannot be removed now.
    """
    kept = settings.DATA_DIR / "backups"
    for place in {settings.DATA_DIR, kept, *targets}:
        with suppress(OSError):
            for folder in list(_unused(place)):
                _clear(folder)
            drafts.clear(place, by_older=place == kept)
    for media, _, _ in os.walk(settings.MEDIA_ROOT):
        with suppress(OSError):
            drafts.clear(Path(media), by_older=True)


def _clear(folder):
    """Last the folder itself, which says what else there is; if the database cannot be asked now, at the next start."""
    is_ours = folder.parent == settings.DATA_DIR  # elsewhere others may have written it
    try:
        if is_ours and (folder / TARGET).exists():
            drafts.clear(Path((folder / TARGET).read_text()))
        if is_ours and (folder / UPLOADS).exists():
            uploads.forget(json.loads((folder / UPLOADS).read_text()))
    except DatabaseError:
        return
    except (OSError, ValueError):  # half written, so nothing was done by it; or the target is gone
        pass
    with _guarded(folder.parent):
        drafts.remove_unused(folder)


def _unused(place):
    for folder in place.iterdir():
        is_one = FOLDER.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
        if is_one and all(CONTENT.fullmatch(path.name) for path in folder.iterdir()) and not _is_used(folder):
            yield folder


def _is_used(folder):
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(held)
    return False


@contextmanager
def _guarded(place):
    """A folder is made and locked at one moment for those who look for folders without a lock."""
    try:
        held = os.open(place, os.O_RDONLY)
    except OSError as problem:
        raise cannot_write(place, problem) from None
    try:
        drafts.lock(held)
        yield
    finally:
        os.close(held)
