"""The whole database as one file and back, while people read and write."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from kb.guard.command_line import has_database_file
from kb.transfer.archive import BackupError


@dataclass(frozen=True)
class Engine:
    """`copy_out` tells the rows by table: what a person looks at first to see whether a backup is the one meant.

    `copy_in` is given statements by the table they change, if it is there: done before anybody sees the content.
    """

    name: str  # of the file in a backup
    copy_out: Callable[[Path], dict[str, int]]
    copy_in: Callable[[Path, dict[str, str]], None]


def engine() -> Engine:
    return ENGINES[connection.vendor]


def is_empty() -> bool:
    """A database that cannot be read may hold something yet; one whose file is not there holds nothing."""
    if not has_database_file(connection):
        return True
    try:
        return not connection.introspection.table_names()
    except DatabaseError:
        return False


# SQLite


def _sqlite_out(target: Path) -> dict[str, int]:
    """One snapshot, taken at once: writers go on and are not in it."""
    with _opened(_file()) as source, _opened(target) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # all in the one file
        check_sqlite(copy)
        return _rows(copy.cursor())


def _rows(cursor):
    tables = sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))
    return {table: _count(cursor, table) for table in tables}


def _count(cursor, table):
    cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608 -- a name of our own
    return cursor.fetchone()[0]


def _sqlite_in(source: Path, held: dict[str, str]) -> None:
    """Written into the file in place, so that a running server sees all of it or nothing."""
    with _opened(source) as given:
        check_sqlite(given)
        _hold(given, held)
        connection.close()
        try:
            _write_over(given)
        except sqlite3.OperationalError as problem:
            raise BackupError(f"The database cannot be written ({problem}). Nothing was changed.") from None
        except sqlite3.DatabaseError:
            _set_aside()
            _write_over(given)


def _hold(given, held):
    there = {name for (name,) in given.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in there & held.keys():
        given.execute(held[table])


def _write_over(given):
    with closing(sqlite3.connect(_file(), timeout=20)) as ours:
        ours.execute("PRAGMA synchronous=FULL")
        given.backup(ours)
        ours.execute("PRAGMA journal_mode=WAL")


def _set_aside():
    """A damaged file takes no new content; it is kept, for what may still be got out of it."""
    damaged = Path(_file())
    for ending in ("", "-wal", "-shm"):
        part = Path(f"{damaged}{ending}")
        if part.exists():
            part.replace(f"{damaged}.damaged{ending}")


def check_sqlite(copy: sqlite3.Connection) -> None:
    try:
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        strays = copy.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as problem:
        found, strays = str(problem), []
    if strays:
        found = f"{len(strays)} rows point to nothing, the first in {strays[0][0]}"
    if found != "ok":
        raise BackupError(f"The database is damaged: {found}. Restore an older backup.")


@contextmanager
def _opened(path) -> Iterator[sqlite3.Connection]:
    """With the functions of Django's that the tables' own checks call."""
    other = connection.copy()
    other.settings_dict = {**connection.settings_dict, "NAME": str(path), "OPTIONS": {}}
    with closing(other):
        other.ensure_connection()
        yield other.connection


def _file():
    return connection.settings_dict["NAME"]


# PostgreSQL

NOBODYS = ("--no-owner", "--no-privileges")  # whoever restores it owns it
QUIETLY = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction")
# Also tables that the backup knows nothing of: those of a newer version may hold on to older ones. What belongs to an
# extension is not ours.
EMPTY_SCHEMA = """
SET LOCAL client_min_messages = warning;
DO $$
DECLARE statement text;
BEGIN
  FOREACH statement IN ARRAY ARRAY(
    SELECT format('DROP %s IF EXISTS %s CASCADE', type, identity)
    FROM pg_depend AS ours, pg_identify_object(ours.classid, ours.objid, 0)
    WHERE refclassid = 'pg_namespace'::regclass AND refobjid = current_schema()::regnamespace AND deptype = 'n'
      AND classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_collation'::regclass,
                      'pg_ts_config'::regclass, 'pg_ts_dict'::regclass)
      AND NOT EXISTS (SELECT FROM pg_depend AS its
                      WHERE its.classid = ours.classid AND its.objid = ours.objid AND its.deptype = 'e')
    ORDER BY type <> 'table'
  ) LOOP
    EXECUTE statement;
  END LOOP;
END $$
"""


def _postgres_out(target: Path) -> dict[str, int]:
    """The tool sees the same moment as the count."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # the tool takes its time
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot(), current_schema()")
        snapshot, schema = cursor.fetchone()
        ours = (f'--schema="{schema}"', f"--snapshot={snapshot}", _database())
        _tool("pg_dump", "--format=custom", *NOBODYS, *ours, f"--file={target}")
        _tool("pg_restore", "--list", str(target))
        return _rows(cursor)


def _postgres_in(source: Path, held: dict[str, str]) -> None:
    """In one transaction: emptied, filled and held, or left as it was."""
    script = source.with_suffix(".sql")
    try:
        schema, is_old = _schema(), connection.pg_version < 170000  # type: ignore[attr-defined]
    except DatabaseError as problem:
        raise BackupError(f"The database cannot be reached: {problem}. Nothing was changed.") from None
    connection.close()
    _tool("pg_restore", *NOBODYS, f"--schema={schema}", f"--file={script}", str(source))
    if is_old:
        _without_newer_setting(script)
    commands = [f"--command={EMPTY_SCHEMA}", f"--file={script}", f"--command={_last(schema, held)}"]
    _tool("psql", *QUIETLY, _database(), *commands)


def _schema():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def _without_newer_setting(script):
    """Tools from 17 on set what a server before 17 does not know, and would refuse all for it."""
    with open(script, "r+b") as file:
        head = file.read(4096)
        file.seek(0)
        file.write(head.replace(b"\nSET transaction_timeout", b"\n--  transaction_timeout"))


def _last(schema, held):
    steps = [
        "IF to_regclass('django_migrations') IS NULL THEN "
        "RAISE 'The backup has no tables of the schema %', current_schema(); END IF;"
    ]
    steps += [
        f"IF to_regclass('{table}') IS NOT NULL THEN {statement}; END IF;"
        for table, statement in held.items()
    ]
    return f'SET LOCAL search_path = "{schema}"; DO $$ BEGIN {" ".join(steps)} END $$'


def _tool(name, *arguments):
    if not shutil.which(name):
        raise ToolMissing(
            f"{name} is missing, and without it PostgreSQL has no backup. Install postgresql-client."
        )
    done = subprocess.run([name, *arguments], env=_environment(), capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{name} could not do it: {done.stderr.strip()}")


def _database():
    """Named, as a service file would have the last word on what stands in the environment."""
    return f"--dbname={connection.settings_dict['NAME']}"


def _environment():
    """Where PostgreSQL is and how it wants to be spoken to (sslmode and the like), told as its tools want it, so that the
    password is on no command line."""
    from psycopg.pq import Conninfo  # is not there where SQLite is all

    given = connection.settings_dict
    address = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    wanted = {**given["OPTIONS"], **{name: given[key] for name, key in address.items()}}
    known = {each.keyword.decode(): each.envvar.decode() for each in Conninfo.get_defaults() if each.envvar}
    told = {
        known[name]: str(value) for name, value in wanted.items() if name in known and value not in ("", None)
    }
    return {**os.environ, **told}


class ToolMissing(BackupError):
    pass


ENGINES = {
    "sqlite": Engine("database.sqlite3", _sqlite_out, _sqlite_in),
    "postgresql": Engine("database.dump", _postgres_out, _postgres_in),
}
