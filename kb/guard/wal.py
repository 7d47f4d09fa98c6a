"""SQLite in WAL mode keeps two files beside the database, from the first opening to the last closing.

On a full or read-only disk they cannot be made anew, and nothing could be read. So each process holds one connection.
"""

import sqlite3
from pathlib import Path

from django.db import connection

_held: list[sqlite3.Connection] = []


def keep_open() -> None:
    if connection.vendor == "sqlite" and not _held:
        there = (
            f"{Path(connection.settings_dict['NAME']).absolute().as_uri()}?mode=rw"  # which makes no new file
        )
        held = sqlite3.connect(there, uri=True, timeout=20, check_same_thread=False)
        try:
            held.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()  # this makes the files
        except (
            sqlite3.OperationalError
        ):  # on a disk that is read-only already; kb.guard.sqlite reads without them
            held.close()
        else:
            _held.append(held)
