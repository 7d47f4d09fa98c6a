"""Django's SQLite: only `upgrade` and `restore` make a file, which is private to its owner; a read-only disk can be read."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base, features
from django.utils.functional import cached_property


class DatabaseFeatures(features.DatabaseFeatures):
    @cached_property
    def supports_json_field(self) -> bool:
        """Asked of a database in memory: system checks ask this, also before there is a file."""
        with closing(sqlite3.connect(":memory:")) as database, suppress(sqlite3.OperationalError):
            return bool(database.execute("SELECT JSON('{}')").fetchone())
        return False


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        must_exist = conn_params.pop("must_exist", False) and not self.is_in_memory_db()
        name = conn_params["database"]
        if not must_exist:
            make_private(name)
        name = readable(name)
        if must_exist and not name.startswith("file:"):
            name = f"{Path(name).absolute().as_uri()}?mode=rw"
        return super().get_new_connection(conn_params | {"database": name})


def make_private(name: str | Path) -> None:
    """SQLite makes a new file readable to all; its -wal and -shm files take over the mode of the database."""
    if not str(name).startswith(("file:", ":memory:")):
        with suppress(OSError):  # SQLite says what stands in the way
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def readable(name: str | Path) -> str:
    """The name by which SQLite can open a database: its own, but where the folder cannot be written to.

    In WAL mode SQLite opens no database without its -wal and -shm files, and there it cannot make them. Without
    a -wal file all is in the database itself, and nobody can write to it: it may be read as immutable. A -wal file
    without its -shm holds what the database does not yet; both are copied to a folder where they can be opened.
    """
    if str(name).startswith("file:") or not os.path.isfile(name):
        return str(name)
    path = Path(name).absolute()
    if os.access(path.parent, os.W_OK) or _opens(path):
        return str(name)
    wal = Path(f"{path}-wal")
    try:
        if not os.path.exists(wal) or not wal.stat().st_size:
            return f"{path.as_uri()}?immutable=1"
        return _copied(path, wal.stat().st_mtime_ns)
    except OSError as problem:
        raise sqlite3.OperationalError(
            f"{path} cannot be opened where it is, nor be copied to be read: {problem.strerror}"
        ) from None


def _opens(path):
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=20)) as database:
            database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError as problem:
        return problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN
    except sqlite3.DatabaseError:  # damaged, which whoever opens it is to hear
        return True
    return True


@cache
def _copied(path: Path, _: int) -> str:
    """Once in a process and state of the file; it goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="codebook-")
    _folders.append(folder)
    for ending in ("", "-wal"):
        shutil.copyfile(f"{path}{ending}", Path(folder.name, f"{path.name}{ending}"))
    return str(Path(folder.name, path.name))


_folders: list[tempfile.TemporaryDirectory] = []
