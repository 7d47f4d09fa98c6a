"""Backing up and restoring: the database and what people uploaded, in one file."""

import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from kb.delivery import changed
from kb.delivery.media import MediaAway
from kb.delivery.models import EVERYTHING, Change
from kb.guard.command_line import version
from kb.jobs.models import MOST_ATTEMPTS
from kb.transfer import archive, databases, uploads
from kb.transfer.archive import BackupError

WAITED = "It waited when the backup was made that was restored; it was perhaps done after that."
# What waited when the backup was made has mostly been done since, and nobody gets a mail twice: an admin decides.
HELD = {
    "jobs_mail": f"UPDATE jobs_mail SET state = 'unclear', last_error = '{WAITED}' "  # noqa: S608 -- our own words
    "WHERE state IN ('waiting', 'sending')",
    "jobs_job": f"UPDATE jobs_job SET attempts = {MOST_ATTEMPTS}, last_error = '{WAITED}' "  # noqa: S608
    "WHERE name = 'moderated' AND done_at IS NULL",  # it tells people of comments
}


@dataclass(frozen=True)
class Report:
    """What a backup holds."""

    path: Path
    rows: int
    uploads: int
    version: str
    made_at: str


def backup(path: Path) -> Report:
    """The state of one moment at this path, read again and found whole; until then nothing is there."""
    path = path.absolute()
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}. Make it first.")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            copy = Path(folder) / databases.engine().name
            rows = databases.engine().copy_out(copy)
            found = uploads.gathered(Path(folder))
            manifest = archive.write(path, {copy.name: copy, **found}, {**_facts(), "rows": rows})
    except MediaAway as problem:
        raise BackupError(f"What people uploaded cannot be read: {problem}.") from None
    except OSError as problem:
        raise BackupError(f"{path} cannot be written: {problem.strerror or problem}.") from None
    except (DatabaseError, sqlite3.DatabaseError) as problem:
        raise BackupError(f"The database cannot be copied: {problem}.") from None
    return _report(path, manifest)


def restore(path: Path, *, force: bool = False) -> Report:
    """Put a backup's content in the place of what is here, which takes `force` unless there is nothing."""
    manifest = archive.check(path)
    _refuse_unfit(manifest)
    if not force and not databases.is_empty():
        raise BackupError("There is content here already. Say --force to have the backup take its place.")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as folder:
        files = archive.unpack(path, Path(folder))
        copy = files.pop(databases.engine().name)
        uploads.put_back(files)  # first: files that no row names are in nobody's way
        databases.engine().copy_in(copy, HELD)
    _tell_readers()
    return _report(path, manifest)


def _tell_readers():
    """Stored pages are made of what was here before. An older backup has no change log; upgrading makes one."""
    if Change._meta.db_table in connection.introspection.table_names():
        changed(EVERYTHING)


def _report(path, manifest):
    rows, uploads = sum(manifest["rows"].values()), len(manifest["files"]) - 1
    return Report(path, rows, uploads, manifest["version"], manifest["made_at"])


def _facts():
    return {
        "version": version(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "migrations": [
            f"{app}.{name}" for app, name in sorted(MigrationLoader(connection).applied_migrations)
        ],
    }


def _refuse_unfit(manifest):
    if manifest["engine"] != connection.vendor:
        raise BackupError(
            f"This backup is of {manifest['engine']}, and DATABASE_URL names {connection.vendor}. They do not mix."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in manifest["migrations"] if name not in known]
    if newer:
        raise BackupError(
            f"This backup was made by Codebook {manifest['version']}, which knows tables that this copy ({version()}) "
            f"does not ({newer[0]}). Update this copy first."
        )
