"""A backup is one file: a manifest, then the files it names with their sizes and checksums."""

import errno
import gzip
import hashlib
import json
import os
import re
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from kb.delivery import drafts

MANIFEST = "manifest.json"
LONGEST_MANIFEST = 64 * 2**20
FORMAT = 1
PIECE = 2**20
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# What gzip, tarfile and json raise on bytes that are not theirs.
UNREADABLE = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError)
# How other files begin that people take for a backup, or that a backup becomes on its way.
KNOWN = {
    b"PK": "a zip file",
    b"SQLite format 3\0": "a database of SQLite. Put it in the place of the one in DATA_DIR while the server is stopped",
    b"PGDMP": "a dump of PostgreSQL, which pg_restore reads",
    b"\xfd7zXZ\0": "an xz file",
    b"BZh": "a bzip2 file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"manifest.json\0": "an unpacked backup. Pack it again with gzip",
}


class BackupError(Exception):
    """Says what stands in the way, and what to do."""


@dataclass(frozen=True)
class Content:
    """What a file in a backup must be."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Facts:
    """Where a backup comes from: `rows` by table, `migrations` as app.name."""

    version: str
    made_at: str
    engine: str
    migrations: list[str]
    rows: dict[str, int]


@dataclass(frozen=True)
class Manifest(Facts):
    files: dict[str, Content]

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Raises BackupError with the first thing in it that is not as `to_json` writes it."""
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            raise BackupError("its manifest is not JSON") from None
        if not isinstance(given, dict):
            raise BackupError("its manifest is not a JSON object")
        said = given.get("format")
        if type(said) is int and said > FORMAT:
            raise BackupError("it was made by a newer Codebook. Update this copy first")
        if type(said) is not int or said != FORMAT:
            raise BackupError("its manifest does not say that it is one of Codebook’s")
        for name, fits in SCHEMA.items():
            if name not in given:
                raise BackupError(f"its manifest has no “{name}”")
            if not fits(given[name]):
                raise BackupError(f"its manifest has something else than expected as “{name}”")
        known = {name: given[name] for name in SCHEMA}
        return cls(**known | {"files": {name: Content(**it) for name, it in given["files"].items()}})

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "format": FORMAT}, indent=1)

    @property
    def size(self) -> int:
        return sum(content.size for content in self.files.values())


def _is_number(value):
    return type(value) is int and 0 <= value < 2**63


def _is_text(pattern):
    expression = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and bool(expression.fullmatch(value))


def _is_moment(value):
    try:
        return bool(datetime.fromisoformat(value))
    except (ValueError, TypeError):
        return False


def _are_rows(value):
    return isinstance(value, dict) and all(map(_is_table, value)) and all(map(_is_number, value.values()))


def _are_files(value):
    return isinstance(value, dict) and all(is_safe(name) and _is_content(it) for name, it in value.items())


def _is_content(value):
    return (
        isinstance(value, dict)
        and value.keys() == {"size", "sha256"}
        and _is_number(value["size"])
        and _is_sum(value["sha256"])
    )


def is_safe(name: str) -> bool:
    """True if a file of this name lies in the folder it is put into."""
    path = PurePosixPath(name)
    is_inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts
    return is_inside and str(path) == name and "\0" not in name and name != MANIFEST


_is_sum = _is_text("[0-9a-f]{64}")
_is_table = _is_text(r"[a-z_]\w{0,62}")
_is_migration = _is_text(r"\w{1,100}\.\w{1,255}")
SCHEMA: dict[str, Callable[[Any], bool]] = {
    "version": _is_text(r"[\w.+-]{1,50}"),
    "made_at": _is_moment,
    "engine": _is_text("[a-z]{1,50}"),
    "migrations": lambda value: isinstance(value, list) and all(map(_is_migration, value)),
    "rows": _are_rows,
    "files": _are_files,
}


def write(path: Path, files: dict[str, Path], facts: Facts) -> Manifest:
    """All or nothing: written beside and moved once it has been read again. For its owner alone."""
    described = {name: _described(file) for name, file in files.items()}
    manifest = Manifest(facts.version, facts.made_at, facts.engine, facts.migrations, facts.rows, described)
    with drafts.replacing(path) as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6, dereference=True) as archive:
            _add_text(archive, MANIFEST, manifest.to_json())
            for name, file in files.items():
                archive.add(file, name, recursive=False)
        stream.flush()
        check(Path(stream.name))
    return manifest


def check(path: Path) -> Manifest:
    """The manifest, once every file in the backup has been found as it says."""
    return _read(path, lambda name, stream: _sums(stream))


def unpack(path: Path, folder: Path) -> dict[str, Path]:
    """The files of a backup in this folder, by name; each is checked once more while it is written."""
    found = {}

    def put(name, stream):
        target = found[name] = folder / name
        with writing(folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "xb", opener=drafts.private) as copy:
                return _sums(stream, copy)

    _read(path, put)
    return found


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """A disk that takes no more is told apart from a file that cannot be read."""
    try:
        yield
    except OSError as problem:
        raise cannot_write(place, problem) from None


def cannot_write(place: Path, problem: OSError) -> BackupError:
    if problem.errno in FULL:
        return BackupError(f"The disk that holds {place} is full. Make room there, and do it again.")
    if problem.errno == errno.EROFS:
        return BackupError(f"The disk that holds {place} is read-only.")
    return BackupError(f"{place} cannot be written: {problem.strerror or problem}.")


def need_room(place: Path, size: int) -> None:
    """Raises BackupError where so many bytes are certain not to fit."""
    disk = os.statvfs(place)
    free = disk.f_frsize * (disk.f_bavail if os.geteuid() else disk.f_bfree)
    if free < size:
        raise BackupError(
            f"The disk that holds {place} is too full: {size / 1e6:.1f} MB are needed, {free / 1e6:.1f} MB are free. "
            "Make room there, and do it again."
        )


def _read(path, take):
    """Give each file of a backup to `take`, which returns what it was, and compare that with the manifest."""
    with _opened(path) as (packed, archive):
        try:
            manifest = _manifest(archive)
        except BackupError as problem:
            raise BackupError(f"{path} is no backup that can be read: {problem}.") from None
        missing = dict(manifest.files)
        while member := archive.next():
            said = missing.pop(member.name, None)
            if said is None or not _is_plain(member) or member.size != said.size:
                raise _not_whole(path, member.name, "is not what was put in")
            if take(member.name, archive.extractfile(member)) != said:
                raise _not_whole(path, member.name, "is not what was put in")
        if missing:
            raise _not_whole(path, next(iter(missing)), "is missing")
        while piece := packed.read(PIECE):  # to the end, where the sum of all is
            if piece.strip(b"\0"):
                raise BackupError(f"{path} is damaged: something stands behind its end. Take another backup.")
    return manifest


def _not_whole(path, name, problem):
    shown = name if name.isprintable() else ascii(name)
    return BackupError(f"{path} is damaged: “{shown[:200]}” in it {problem}. Take another backup.")


@contextmanager
def _opened(path):
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open some devices is to wait for ever
            raise BackupError(f"{path} is no file. Name the file that the command backup wrote.")
        with open(path, "rb") as file:
            begin = file.read(20)
            file.seek(0)
            if not begin.startswith(b"\x1f\x8b"):
                raise BackupError(f"{path} is no backup: {_kind(begin)}.")
            with gzip.open(file) as packed, _archive(path, packed) as archive:
                yield packed, archive
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except gzip.BadGzipFile:
        raise BackupError(
            f"{path} is damaged: its bytes do not have their checksum. Take another backup."
        ) from None
    except OSError as problem:
        raise BackupError(f"{path} cannot be read: {problem.strerror or problem}.") from None
    except EOFError:
        raise BackupError(
            f"{path} is not whole: it ends too early, as after a copy that broke off. Copy it again, or take another."
        ) from None
    except UNREADABLE:
        raise BackupError(f"{path} is damaged: it cannot be unpacked. Take another backup.") from None


def _archive(path, packed):
    try:
        return tarfile.open(fileobj=packed, mode="r:")
    except tarfile.ReadError:
        raise BackupError(
            f"{path} is no backup: it is a gzip file, and what is in it is something else."
        ) from None


def _kind(begin):
    if not begin:
        return "it is empty"
    found = [told for start, told in KNOWN.items() if begin.startswith(start)]
    return f"it is {found[0]}" if found else "it is not a gzip file"


def _manifest(archive):
    first = archive.next()
    if first is None or first.name != MANIFEST or not _is_plain(first) or first.size > LONGEST_MANIFEST:
        raise BackupError("it does not begin with a manifest")
    return Manifest.from_json(archive.extractfile(first).read())


def _is_plain(member):
    return member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not member.issparse()


def _described(file):
    try:
        with open(file, "rb") as stream:
            return _sums(stream)
    except OSError as problem:
        raise BackupError(f"{file} cannot be read: {problem.strerror or problem}.") from None


def _sums(stream: IO[bytes], copy: IO[bytes] | None = None) -> Content:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        digest.update(piece)
        size += len(piece)
        if copy:
            copy.write(piece)
    return Content(size, digest.hexdigest())


def _add_text(archive, name, text):
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, BytesIO(data))
