"""Whether this copy can do its work: one small check each for what it stands on."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache as shared_cache
from django.core.files.storage import default_storage
from django.db import connection

from kb.delivery.media import MediaAway
from kb.guard.command_line import has_older_tables
from kb.jobs.models import Job, Mail

LEAST_FREE = 100 * 1024 * 1024  # bytes
REPAIRED = {(3, 44): 6, (3, 50): 7, (3, 51): 3}  # series of SQLite, and the release that has the repair


class NotReady(Exception):
    """Says what is missing and what to do."""


@dataclass(frozen=True)
class Found:
    """`stops`: without this the copy cannot serve. What is not ok and stops nothing is a note for the operator."""

    ok: bool
    note: str = ""
    stops: bool = True
    facts: dict[str, Any] = field(default_factory=dict)

    def told(self, *, fully: bool) -> dict[str, Any]:
        note = {"note": self.note} if self.note else {}
        return {"ok": self.ok, **note, **self.facts} if fully else {"ok": self.ok}


def check_database() -> Found:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Found(True, facts={"engine": connection.vendor})


def check_migrations() -> Found:
    """Asked each time: a backup of an older Codebook may be restored while this process runs."""
    if has_older_tables():
        raise NotReady("The tables are not up to date: run ./codebook upgrade.")
    return Found(True)


def check_disk() -> Found:
    """The database is there, or on another machine; then only backups and upgrades need room here."""
    is_here = connection.vendor == "sqlite"
    free = shutil.disk_usage(settings.DATA_DIR).free
    facts = {"free_mb": free // 2**20}
    if os.statvfs(settings.DATA_DIR).f_flag & os.ST_RDONLY:
        lost = "reads go on, nothing can be stored" if is_here else "backups and upgrades are not possible"
        return Found(False, f"DATA_DIR is on a read-only disk: {lost}.", is_here, facts)
    if free < LEAST_FREE:
        return Found(False, "Less than 100 MB are free where DATA_DIR is. Make room.", is_here, facts)
    return Found(True, facts=facts)


def check_sqlite() -> Found:
    """A race that can damage a database in WAL mode, seldom, was in all releases from 3.7.0 on until these."""
    facts = {"version": sqlite3.sqlite_version}
    if has_repair(sqlite3.sqlite_version_info):
        return Found(True, facts=facts)
    note = "SQLite before 3.51.3 can, very seldom, damage a database that several connections write. Update it, and keep backups."
    return Found(False, note, stops=False, facts=facts)


def has_repair(version) -> bool:
    series, release = tuple(version[:2]), version[2]
    return series > (3, 51) or release >= REPAIRED.get(series, 1000)


def check_cache() -> Found:
    """Nothing needs the cache; without it each process counts by itself."""
    try:
        shared_cache.set("readyz", "here", 10)
        if shared_cache.get("readyz") == "here":
            return Found(True)
    except OSError:
        pass
    except Exception as problem:
        if not type(problem).__module__.startswith("redis"):
            raise
    return Found(False, "CACHE_URL cannot be reached: slower, not wrong.", stops=False)


def check_media() -> Found:
    """Articles are read without their pictures, and by a copy that is left out by nobody."""
    try:
        default_storage.check()  # type: ignore[attr-defined]  # ours all have it
    except MediaAway as problem:
        note = f"Pictures cannot be kept or read ({problem}): articles go on without."
        return Found(False, note, stops=False)
    return Found(True)


def check_due_work() -> Found:
    return Found(True, facts={"waiting": Job.objects.open().count(), "outbox": mails_waiting()})


def mails_waiting() -> int:
    return Mail.objects.filter(state=Mail.State.WAITING).count()


CHECKS: dict[str, Callable[[], Found]] = {
    "database": check_database,
    "migrations": check_migrations,
    "disk": check_disk,
    "sqlite": check_sqlite,
    "cache": check_cache,
    "media": check_media,
    "due_work": check_due_work,
}


ASKING = {"migrations", "due_work"}  # the database, each waiting for it anew


def look() -> dict[str, Found]:
    """What each check found; one that breaks found that all is not well."""
    found: dict[str, Found] = {}
    for name, check in CHECKS.items():
        if name == "sqlite" and connection.vendor != "sqlite":
            continue
        is_vain = name in ASKING and not found["database"].ok
        found[name] = (
            Found(False, "Not asked, for the database does not answer.") if is_vain else _found(check)
        )
    return found


def _found(check):
    try:
        return check()
    except NotReady as problem:
        return Found(False, str(problem))
    except Exception as problem:  # its message may hold the address and the name of a database user
        return Found(False, f"{type(problem).__name__} came instead of an answer.")


def is_ready(found: dict[str, Found]) -> bool:
    return all(one.ok or not one.stops for one in found.values())
