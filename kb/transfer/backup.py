"""Backing up and restoring: the database and what people uploaded, in one file."""

import logging
import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from kb.delivery import changed, drafts
from kb.delivery.models import EVERYTHING, Change
from kb.guard.command_line import version
from kb.jobs.models import MOST_ATTEMPTS
from kb.transfer import archive, databases, uploads, workspace
from kb.transfer.archive import BackupError, Facts, cannot_write, need_room

WAITED = "It waited when the backup was made that was restored; it was perhaps done after that."
log = logging.getLogger(__name__)
# What waited when the backup was made has mostly been done since, and nobody gets a mail twice: an admin decides.
HELD = {
    "jobs_mail": f"UPDATE jobs_mail SET state = 'unclear', last_error = '{WAITED}' "  # noqa: S608 -- our own words
    "WHERE state IN ('waiting', 'sending')",
    "jobs_job": f"UPDATE jobs_job SET attempts = {MOST_ATTEMPTS}, last_error = '{WAITED}' "  # noqa: S608
    "WHERE name = 'moderated' AND done_at IS NULL",  # it tells people of comments
}


# Of these a copy that is used has some.
CONTENT = {"articles": "articles_article", "codes": "codes_code"}


@dataclass(frozen=True)
class Report:
    """What a backup holds, and the database it was made of or put into."""

    path: Path
    database: str
    rows: int
    uploads: int
    version: str
    made_at: str
    content: dict[str, int]

    @property
    def is_empty(self) -> bool:
        return not any(self.content.values())


def backup(path: Path) -> Report:
    """The state of one moment at this path, read again and found whole; until then nothing is there."""
    path = path.absolute()
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}. Make it first.")
    if path.exists() and not path.is_file():
        raise BackupError(f"{path} is no file, so nothing can be written in its place. Name a file.")
    if any(_is_same(path, used) for used in [*databases.files(), settings.DATA_DIR / "secret-key"]):
        raise BackupError(f"{path} is what Codebook itself uses. Name another file.")
    workspace.clear(path.parent)
    drafts.remove_unused(path.with_name(f".{path.name}.part"))  # of an older version
    try:
        size = databases.size()
        with workspace.opened("backup", workspace.place_for(size, path.parent), room=size) as folder:
            workspace.note_target(folder, path.parent)
            copy = folder / databases.engine().name
            copied = databases.engine().copy_out(copy)
            need_room(path.parent, uploads.size())
            found = uploads.gathered(folder)
            manifest = archive.write(path, {copy.name: copy, **found}, _facts(copied))
    except OSError as problem:
        raise cannot_write(path, problem) from None
    except (DatabaseError, sqlite3.DatabaseError) as problem:
        raise _cannot_copy(problem, path) from None
    return _report(path, manifest)


def restore(path: Path, *, force: bool = False) -> Report:
    """Put a backup's content in the place of what is here, which takes `force` unless there is nothing."""
    path = path.absolute()
    workspace.clear()
    manifest = archive.check(path)
    _refuse_unfit(manifest)
    if not force and not databases.is_empty():
        raise BackupError(
            f"There is content in {databases.named()} already. Say --force to have the backup take its place."
        )
    engine, data = databases.engine(), settings.DATA_DIR
    try:
        # SQLite writes the whole of it into its log before it writes it into the database.
        room = manifest.size + (manifest.files[engine.name].size if connection.vendor == "sqlite" else 0)
        with workspace.opened("restore", data, room=room) as folder:
            files = archive.unpack(path, folder)
            copy = files.pop(engine.name)
            engine.check(copy, manifest)
            added = uploads.new_among(files)
            workspace.note_uploads(folder, added)
            try:
                uploads.put_back(files)  # first: files that no row names are in nobody's way
                engine.copy_in(copy, manifest, HELD)
            except BaseException:
                with suppress(DatabaseError):
                    uploads.forget(added)
                raise
    except OSError as problem:
        raise cannot_write(data, problem) from None
    except (DatabaseError, sqlite3.DatabaseError) as problem:
        raise BackupError(
            f"The database {databases.named()} cannot be written: {_reason(problem)}."
        ) from None
    _tell_readers()
    return _report(path, manifest)


def _is_same(path, other):
    return os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other)


def _cannot_copy(problem, path):
    if getattr(problem, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return BackupError(
            f"The disk that holds the copy ({settings.DATA_DIR} or {path.parent}) is full. Make room there, and do it again."
        )
    return BackupError(f"The database {databases.named()} cannot be copied: {_reason(problem)}.")


def _reason(problem):
    return " ".join(str(problem).split()).rstrip(".")


def _tell_readers():
    """Stored pages are made of what was here before. An older backup has no change log; upgrading makes one."""
    try:
        if Change._meta.db_table in connection.introspection.table_names():
            changed(EVERYTHING)
    except DatabaseError as problem:  # all was restored, and they see it soon by themselves
        log.warning("Servers that run may show older pages for some minutes: %s", type(problem).__name__)


def _report(path, manifest):
    content = {name: manifest.rows.get(table, 0) for name, table in CONTENT.items()}
    rows, files = sum(manifest.rows.values()), len(manifest.files) - 1
    return Report(path, databases.named(), rows, files, manifest.version, manifest.made_at, content)


def _facts(copied):
    return Facts(
        version=version(),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=connection.vendor,
        migrations=copied.migrations,
        rows=copied.rows,
    )


def _refuse_unfit(manifest):
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"This backup is of {manifest.engine}, and DATABASE_URL names {connection.vendor}. They do not mix."
        )
    databases.refuse_newer(manifest.migrations, manifest.version)
    if databases.engine().name not in manifest.files or not databases.is_ours(
        ["django_migrations"], lambda: manifest.migrations
    ):
        raise BackupError(
            "This backup holds no tables of Codebook, so it is none. Nothing can be restored from it."
        )
    for name in manifest.files.keys() - {databases.engine().name}:
        if not name.startswith(uploads.MEDIA):
            raise BackupError(f"“{name}” in this backup is nothing that Codebook puts there.")
