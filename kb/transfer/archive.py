"""A backup is one file: a manifest, then the files it names with their sizes and checksums."""

import hashlib
import json
import os
import shutil
import tarfile
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from kb.delivery.media import keep_names

MANIFEST = "manifest.json"
LONGEST_MANIFEST = 64 * 2**20
FORMAT = 1


class BackupError(Exception):
    """Says what stands in the way, and what to do."""


def write(path: Path, files: dict[str, Path], facts: dict[str, Any]) -> dict[str, Any]:
    """All or nothing: written beside and moved once it has been read again. For its owner alone."""
    manifest = {**facts, "format": FORMAT, "files": {name: _described(file) for name, file in files.items()}}
    draft = path.with_name(f".{path.name}.part")
    try:
        with open(draft, "wb", opener=_private) as stream:
            with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6) as archive:
                _add_text(archive, MANIFEST, json.dumps(manifest, indent=1))
                for name, file in files.items():
                    archive.add(file, name, recursive=False)
            stream.flush()
            os.fsync(stream.fileno())
        check(draft)
        os.replace(draft, path)
        keep_names(path.parent)
        return manifest
    finally:
        draft.unlink(missing_ok=True)


def check(path: Path) -> dict[str, Any]:
    """The manifest, once every file in the backup has been found as it says."""
    with _opened(path) as archive:
        manifest = _manifest(archive)
        missing = dict(manifest["files"])
        for member in archive:
            if _is_as_said(archive, member, missing.pop(member.name, None)):
                continue
            raise BackupError(f"{path}: “{member.name}” in it is not what was put in. Take another backup.")
    if missing:
        raise BackupError(f"{path}: “{next(iter(missing))}” is missing in it. Take another backup.")
    return manifest


def unpack(path: Path, folder: Path) -> dict[str, Path]:
    """The files of a checked backup in this folder, by name."""
    found = {}
    with _opened(path) as archive:
        names = _manifest(archive)["files"]
        for member in archive:
            if member.name in names and member.isreg():
                target = folder / safe(member.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "wb", opener=_private) as stream:
                    shutil.copyfileobj(archive.extractfile(member), stream)
                found[member.name] = target
    return found


def safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BackupError(f"“{name}” would lie outside the folder, so this is no backup of ours.")
    return path


@contextmanager
def _opened(path):
    try:
        with tarfile.open(path, "r:gz") as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except (tarfile.TarError, EOFError, OSError, ValueError) as problem:
        raise BackupError(f"{path} cannot be read as a backup ({problem}).") from None


def _manifest(archive):
    first = archive.next()
    if first is None or first.name != MANIFEST or first.size > LONGEST_MANIFEST:
        raise BackupError("This file is no backup: it does not begin with a manifest.")
    manifest = json.load(archive.extractfile(first))
    if manifest.get("format") != FORMAT:
        raise BackupError("This backup was made by a newer Codebook. Update this copy first.")
    return manifest


def _is_as_said(archive, member, said):
    if member.name == MANIFEST:
        return True
    return member.isreg() and said == _sums(archive.extractfile(member))


def _described(file):
    with open(file, "rb") as stream:
        return _sums(stream)


def _sums(stream):
    digest = hashlib.file_digest(stream, "sha256")
    return {"size": stream.tell(), "sha256": digest.hexdigest()}


def _add_text(archive, name, text):
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, BytesIO(data))


def _private(path, flags):
    return os.open(path, flags | os.O_TRUNC, 0o600)
