"""The whole database as one file and back, while people read and write."""

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from kb.delivery import drafts
from kb.guard.command_line import has_database_file
from kb.guard.sqlite.base import make_private, readable
from kb.transfer import workspace
from kb.transfer.archive import BackupError, Manifest, writing


@dataclass(frozen=True)
class Copied:
    """What a copy holds: `rows` by table are what a person looks at first to see whether a backup is the one meant."""

    rows: dict[str, int]
    migrations: list[str]


@dataclass(frozen=True)
class Engine:
    """`copy_in` is given statements by the table they change, if it is there: done before anybody sees the content.

    `check` raises BackupError unless a file holds what its manifest says; nothing is replaced by then.
    """

    name: str  # of the file in a backup
    copy_out: Callable[[Path], Copied]
    check: Callable[[Path, Manifest], None]
    copy_in: Callable[[Path, Manifest, dict[str, str]], None]


def engine() -> Engine:
    return ENGINES[connection.vendor]


def named() -> str:
    """The database that DATABASE_URL or DATA_DIR names, in words and without its password."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(given["NAME"])
    host = given["HOST"] or "this machine"
    return f"the PostgreSQL database {given['NAME']} on {host}{given['PORT'] and ':'}{given['PORT']}"


def files() -> list[Path]:
    """On this machine's disk."""
    return (
        [Path(f"{_file()}{ending}") for ending in ("", "-wal", "-shm")]
        if connection.vendor == "sqlite"
        else []
    )


def size() -> int:
    """In bytes of this machine's disk; what is on another is not known."""
    with suppress(OSError, IndexError):
        return files()[0].stat().st_size
    return 0


def is_empty() -> bool:
    """A database that cannot be read may hold something yet; one whose file is not there holds nothing."""
    if not has_database_file(connection):
        return True
    try:
        return not connection.introspection.table_names()
    except DatabaseError:
        return False


def applied(cursor) -> list[str]:
    """Migrations, as app.name."""
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in cursor.fetchall()]


def is_ours(tables: Collection[str], migrations: Callable[[], list[str]]) -> bool:
    """True if Codebook's tables have been made there."""
    if MigrationRecorder.Migration._meta.db_table not in tables:
        return False
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("kb.")}
    return not ours.isdisjoint(name.partition(".")[0] for name in migrations())


def refuse_newer(migrations: list[str], version: str) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in migrations if name not in known]
    if newer:
        raise BackupError(
            f"This backup was made by Codebook {version}, which knows tables that this copy "
            f"does not ({newer[0]}). Update this copy first."
        )


# SQLite


def _sqlite_out(target: Path) -> Copied:
    """One snapshot, taken at once: writers go on and are not in it."""
    if not os.path.isfile(_file()):
        raise BackupError(
            f"There is no database {_file()}. Name the folder that the server uses: DATA_DIR=/var/lib/codebook."
        )
    with closing(sqlite3.connect(_source(), uri=True, timeout=20)) as source, _opened(target) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # all in the one file
        if not is_ours(_tables(copy), lambda: applied(copy.cursor())):
            raise BackupError(
                f"The database {_file()} holds nothing of Codebook: its tables were never made. Name the folder that "
                "the server uses: DATA_DIR=/var/lib/codebook."
            )
        check_sqlite(copy)
        check_text(target)
        return Copied(_rows(copy.cursor(), _tables(copy)), applied(copy.cursor()))


def _source():
    """Opened as it is: a file that is not there is not made."""
    name = readable(_file())
    return name if name.startswith("file:") else f"{Path(name).absolute().as_uri()}?mode=rw"


def _tables(database):
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _rows(cursor, tables):
    ours = connection.introspection.django_table_names(include_views=False)
    return {table: _count(cursor, table) for table in sorted(tables & set(ours))}


def _count(cursor, table):
    cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608 -- a name of our own
    return cursor.fetchone()[0]


def _check_sqlite_file(source: Path, manifest: Manifest) -> None:
    with _opened(source) as given:
        check_sqlite(given)
        tables = _tables(given)
        if not is_ours(tables, lambda: applied(given.cursor())):
            raise BackupError("The backup holds no tables of Codebook, so it is none.")
        refuse_newer(applied(given.cursor()), manifest.version)
        for table, rows in manifest.rows.items():
            found = _count(given.cursor(), table) if table in tables else "no"
            if found != rows:
                raise BackupError(
                    f"The backup says that {table} has {rows} rows, and it has {found}. Take another."
                )
    check_text(source)


def _sqlite_in(source: Path, manifest: Manifest, held: dict[str, str]) -> None:
    """Written into the file in place, so that a running server sees all of it or nothing."""
    with _opened(source) as given:
        _hold(given, held)
        connection.close()
        try:
            _write_over(given)
        except sqlite3.OperationalError as problem:
            raise BackupError(f"The database {_file()} cannot be written ({problem}).") from None
        except sqlite3.DatabaseError:
            _take_place(given, source.with_suffix(".new"))


def _hold(given, held):
    for table in _tables(given) & held.keys():
        given.execute(held[table])


def _write_over(given):
    make_private(_file())
    with closing(sqlite3.connect(_file(), timeout=20)) as ours:
        ours.execute("PRAGMA synchronous=FULL")
        given.backup(ours)
        ours.execute("PRAGMA journal_mode=WAL")


def _take_place(given, draft):
    """A damaged file takes no new content; it is kept, for what may still be got out of it.

    First its -wal, which would be read as one of the new file, then it itself: at each moment one of the two is there.
    """
    damaged = Path(_file())
    with writing(damaged.parent), drafts.replacing(damaged) as new:
        with closing(sqlite3.connect(draft)) as copy:
            given.backup(copy)
        with open(draft, "rb") as content:
            shutil.copyfileobj(content, new)
        kept = Path(f"{damaged}.damaged")
        for ending in ("-wal", "-shm"):
            if os.path.exists(f"{damaged}{ending}"):
                os.replace(f"{damaged}{ending}", f"{kept}{ending}")
        kept.unlink(missing_ok=True)
        os.link(damaged, kept)


def check_sqlite(copy: sqlite3.Connection) -> None:
    try:
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        strays = copy.execute("PRAGMA foreign_key_check").fetchall()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:
        found, strays = str(problem), []
    if strays:
        found = f"{len(strays)} rows point to nothing, the first in {strays[0][0]}"
    if found != "ok":
        raise BackupError(f"The database is damaged: {found}. Restore an older backup.")


def check_text(file: Path) -> None:
    """SQLite keeps any bytes as text and does not find them damaged; whoever reads the row would."""
    with closing(sqlite3.connect(file)) as database:
        for table, statement in database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            if statement and statement.upper().startswith("CREATE VIRTUAL"):
                continue
            try:
                for _ in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 -- its own name
                    pass
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                raise BackupError(
                    f"The database is damaged: text in {table} cannot be read. Restore an older backup."
                ) from None


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


def _postgres_out(target: Path) -> Copied:
    """The tool sees the same moment as the count."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # the tool takes its time
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot(), current_schema()")
        snapshot, schema = cursor.fetchone()
        tables = {table.name for table in connection.introspection.get_table_list(cursor)}
        if not is_ours(tables, lambda: applied(cursor)):
            raise BackupError(
                f"In {named()} there is nothing of Codebook: its tables were never made. Name the database that the "
                "server uses with DATABASE_URL."
            )
        ours = (f'--schema="{schema}"', f"--snapshot={snapshot}", _database())
        _tool("pg_dump", "--format=custom", *NOBODYS, *ours, f"--file={target}")
        _tool("pg_restore", "--list", str(target))
        return Copied(_rows(cursor, tables), applied(cursor))


def _check_dump(source: Path, manifest: Manifest) -> None:
    """What is in its tables is counted where they are filled, before the transaction ends."""
    listed = _tool("pg_restore", "--list", str(source))
    if f" {MigrationRecorder.Migration._meta.db_table} " not in listed:
        raise BackupError("The backup holds no tables of Codebook, so it is none.")


def _postgres_in(source: Path, manifest: Manifest, held: dict[str, str]) -> None:
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
    commands = [f"--command={EMPTY_SCHEMA}", f"--file={script}", f"--command={_last(schema, manifest, held)}"]
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


def _last(schema, manifest, held):
    """All is undone if the content is not what the backup says."""
    steps = [
        "IF to_regclass('django_migrations') IS NULL THEN "
        "RAISE 'The backup has no tables of the schema %', current_schema(); END IF;"
    ]
    steps += [
        f"IF (SELECT count(*) FROM {table}) <> {rows} THEN "  # noqa: S608 -- checked to be a name and a number
        f"RAISE 'The backup says that {table} has {rows} rows, and it has others'; END IF;"
        for table, rows in manifest.rows.items()
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
    done = subprocess.run(  # noqa: S603
        [name, *arguments], env=_environment(), capture_output=True, text=True, pass_fds=[*workspace.locks]
    )
    if done.returncode and os.strerror(errno.ENOSPC) in done.stderr:
        raise BackupError(f"A disk is full: {name} says {done.stderr.strip()}")
    if done.returncode:
        raise BackupError(f"{name} could not do it: {done.stderr.strip()}")
    return done.stdout


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
    "sqlite": Engine("database.sqlite3", _sqlite_out, _check_sqlite_file, _sqlite_in),
    "postgresql": Engine("database.dump", _postgres_out, _check_dump, _postgres_in),
}
