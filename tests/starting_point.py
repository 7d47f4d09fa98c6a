"""The database all tests start from: migrated, with the shipped content. On SQLite it is kept in a file beside the data
and made anew only when something that makes it has changed."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from unittest import mock

import django
from django.conf import settings
from django.db import connection

MAKERS = (
    "kb/*/migrations",
    "kb/accounts",
    "kb/articles",
    "kb/codes",
    "kb/delivery",
    "kb/jobs",
    "kb/search",
    "kb/text",
)
MAKERS += ("kb/transfer", "fixtures")


def kept() -> Path | None:
    """Where it is kept, or would be; nowhere on PostgreSQL."""
    if connection.vendor != "sqlite":
        return None
    digest = hashlib.sha256(Path(__file__).read_bytes() + django.__version__.encode())
    files = {
        file for name in MAKERS for folder in settings.BASE_DIR.glob(name) for file in folder.rglob("*.*")
    }
    for file in sorted(file for file in files if file.suffix in {".py", ".yaml"}):
        digest.update(f"{file.relative_to(settings.BASE_DIR)}\0".encode() + file.read_bytes())
    return settings.DATA_DIR / f"tests-{digest.hexdigest()[:16]}.sqlite3"


def no_commands():
    """Databases are set up empty, without migrations, to be filled from the file."""
    return mock.patch("django.core.management.call_command")


def take(file: Path) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
        source.backup(connection.connection)


def keep(file: Path) -> None:
    """Written beside and moved: a run that breaks off leaves nothing half, and older ones go."""
    for old in file.parent.glob("tests-*.sqlite3"):
        old.unlink()
    draft = file.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(draft)) as target:
        connection.connection.backup(target)
    os.replace(draft, file)
