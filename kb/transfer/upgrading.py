"""What an upgrade needs: a folder with a secret key and a database, and a backup of it where something will change."""

import hashlib
import os
import re
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from kb.guard.command_line import has_database_file
from kb.transfer import databases
from kb.transfer.archive import writing
from kb.transfer.backup import backup

KEPT = 5


def make_folder() -> None:
    """DATA_DIR, for its owner only."""
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_secret() -> None:
    """The key that signs sessions, unless SECRET_KEY names one. A start that breaks off leaves none."""
    if settings.HAS_SECRET_KEY:
        return
    path = settings.DATA_DIR / "secret-key"
    draft = path.with_name("secret-key.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    os.replace(draft, path)
    settings.SECRET_KEY = path.read_text()


def make_database() -> None:
    """An empty file on SQLite, where there is none."""
    if not has_database_file():
        os.close(os.open(connection.settings_dict["NAME"], os.O_CREAT | os.O_RDWR, 0o600))


def is_due() -> bool:
    """There is content, and the tables or what ships with Codebook are others than after the last upgrade."""
    return not databases.is_empty() and (_has_new_tables() or _shipped() != _mark())


def back_up() -> Path:
    """Into DATA_DIR/backups, where the last few are kept, and the first since the last upgrade that was completed.

    A start that fails is repeated every few seconds by a service manager, with a backup each time.
    """
    folder = settings.DATA_DIR / "backups"
    with writing(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    made = backup(folder / f"before-upgrade-{datetime.now():%Y%m%d-%H%M%S}.tar.gz").path
    first = _first()
    if not (first.exists() and (folder / first.read_text()).is_file()):
        first.write_text(made.name)
    spared = first.read_text()
    for old in sorted(path for path in folder.iterdir() if re.match(r"before-upgrade-\d", path.name))[:-KEPT]:
        if old.name != spared:
            old.unlink()
    return made


def note_done() -> None:
    _stamp().write_text(_shipped())
    _first().unlink(missing_ok=True)


def _first():
    """Names the backup of the state before an upgrade that is not complete."""
    return settings.DATA_DIR / "upgrade-begun"


def _has_new_tables():
    loader = MigrationLoader(connection)
    return not set(loader.disk_migrations) <= set(loader.applied_migrations)


def _mark():
    return _stamp().read_text() if _stamp().exists() else ""


def _stamp():
    return settings.DATA_DIR / "upgraded-from"


def _shipped():
    digest = hashlib.sha256()
    for path in sorted(settings.FIXTURE_DIR.rglob("*.yaml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
