"""A file that is there whole or not at all: written beside its place, locked meanwhile, then moved there.

A process that is killed leaves its draft. The lock goes with the process, so a draft without one is nobody's.
"""

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

DRAFT = re.compile(r"\..+\.[0-9a-f]{8}\.part")
OLDER = re.compile(r"\..+\.([0-9a-f]{8}|tar\.gz\.part)")
OLD = 3600  # seconds: nothing takes longer to write


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, for its owner alone, that takes the place of `path` once the block has ended without an exception."""
    draft, stream = _begun(path)
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(draft, path)
        keep_names(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def clear(folder: Path, *, by_older: bool = False) -> None:
    """Drafts in this folder that no running process writes; also those of older versions, which knew no locks."""
    for path in folder.iterdir():
        is_draft = DRAFT.fullmatch(path.name) or (by_older and OLDER.fullmatch(path.name) and _is_old(path))
        if is_draft:
            remove_unused(path)


def _is_old(path):
    with suppress(OSError):
        return path.stat().st_mtime < time.time() - OLD
    return False


def remove_unused(path: Path) -> None:
    """A file or a folder, unless a process holds its lock or it is not ours to remove."""
    with suppress(OSError):
        place = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        finally:
            os.close(place)


def lock(place: int) -> None:
    """Until the process ends or closes it. Where the disk knows no locks, it counts as in use for ever."""
    with suppress(OSError):
        fcntl.flock(place, fcntl.LOCK_EX)


def private(path: str, flags: int) -> int:
    """An opener of files that their owner alone can read."""
    return os.open(path, flags, 0o600)


def keep_names(folder: Path) -> None:
    """A moved file outlives a power cut only once its folder has been written too."""
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _begun(path):
    """Between its making and its locking another process may have taken it for nobody's; then the next is tried."""
    while True:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        stream = open(draft, "xb", opener=private)  # noqa: SIM115 -- whoever asked closes it
        lock(stream.fileno())
        if os.fstat(stream.fileno()).st_nlink:
            return draft, stream
        stream.close()
