"""When the database or its disk cannot do what a page needs: said in words, with nothing hidden from the log."""

import errno
import logging
import sqlite3

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.template.loader import render_to_string

from kb.delivery.media import MediaAway
from kb.guard.command_line import has_older_tables
from kb.guard.tracing import place_of
from kb.portal.submission import submission_of

RETRY_AFTER = 10  # seconds
# “No such table” is an OperationalError as well, but a fault of ours.
SQLITE_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
# Something in a statement is not there, or the statement is wrong.
LACKS = {sqlite3.SQLITE_ERROR, "42P01", "42703"}
DISK_TROUBLE = {errno.ENOSPC, errno.EROFS, errno.EDQUOT}
# Connection, read-only, clash, no room, locked, shut down.
POSTGRES_TROUBLE = (
    "08",
    "25006",
    "40",
    "53",
    "55P03",
    "57",
)

log = logging.getLogger(__name__)


def is_trouble(problem: BaseException | None) -> bool:
    """True for what passes once there is room, or the lock or the server is free again."""
    if isinstance(problem, MediaAway):
        return True
    if isinstance(problem, OSError):
        return problem.errno in DISK_TROUBLE
    if not isinstance(problem, Error):
        return False
    cause = problem.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return code in SQLITE_TROUBLE or (code in LACKS and _waits_for_upgrade())
    state = getattr(cause, "sqlstate", None)
    if state is None:  # a connection that was lost has none
        return isinstance(problem, (OperationalError, InterfaceError))
    return state.startswith(POSTGRES_TROUBLE) or (state in LACKS and _waits_for_upgrade())


def _waits_for_upgrade():
    """A backup of an older Codebook was restored under this server."""
    try:
        return has_older_tables()
    except Error:
        return False


def forget_connection() -> None:
    """The next question opens the database anew: what was opened on a read-only disk would stay read-only."""
    if not connection.in_atomic_block:
        connection.close()


def unavailable(request, problem) -> HttpResponse:
    log.error("Trouble at %s: %s", place_of(request, 503), _told(problem))
    forget_connection()
    context = {
        "was_write": request.method not in {"GET", "HEAD", "OPTIONS"},
        "submission": submission_of(request),
    }
    response = HttpResponse(render_to_string("portal/503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _told(problem):
    """What the engine calls it; its message may quote a statement."""
    if isinstance(problem, MediaAway):
        return str(problem)
    cause = problem.__cause__ or problem
    if LACKS & {getattr(cause, "sqlite_errorcode", None), getattr(cause, "sqlstate", None)}:
        return "the tables are those of an older Codebook: ./codebook upgrade"
    named = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return named or errno.errorcode.get(getattr(cause, "errno", None) or 0) or type(cause).__name__
