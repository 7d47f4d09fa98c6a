"""A connection to SQLite is open longer than a request, and the file may be replaced meanwhile, as when a copy is restored.

What was written to the old one would be lost, so each request looks whether the file is still the one that was opened.
"""

import os

from django.core.signals import request_started
from django.db import connections
from django.db.backends.signals import connection_created


def watch() -> None:
    connection_created.connect(_note, dispatch_uid=__name__)
    request_started.connect(_look, dispatch_uid=__name__)


def _note(connection, **kwargs):
    if connection.vendor == "sqlite":
        connection.opened_file = _identity(connection)


def _look(**kwargs):
    for connection in connections.all(initialized_only=True):
        opened = getattr(connection, "opened_file", None)
        if opened and connection.connection and opened != _identity(connection):
            connection.close()


def _identity(connection):
    """Nothing for a database in memory, and where there is no file any more."""
    try:
        found = os.stat(connection.settings_dict["NAME"])
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
