"""What was found in the database, kept in the process as long as nothing has changed that a page may show.

A key names who may read it as well, where that matters; what is remembered is for many readers and changed by none.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection
from django.dispatch import receiver

from kb.delivery import for_staff

MOST = 500
NOW = {"sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')", "postgresql": "statement_timestamp()"}
LONGEST = 60  # seconds: words that are learned for corrections are told to nobody
# A number may be given twice where a transaction was undone, but not at the same moment; what was scheduled may have come.
# What staff alone sees, such as comments that wait, is remembered nowhere: whoever sends many of them empties nothing.
LAST_CHANGE = f"""
SELECT n, made_at, (SELECT max(at) FROM delivery_change WHERE at <= {{now}}) FROM delivery_change
WHERE target NOT LIKE '{for_staff("%%")}' ORDER BY n DESC LIMIT 1
"""  # noqa: S608

_lock = threading.Lock()
# The state, until when, and what was found.
_kept: OrderedDict[Hashable, tuple[Any, float, Any]] = OrderedDict()


def remembered(key: Hashable, find: Callable[[], Any]) -> Any:
    """What `find` gives, or gave in the same state of the database; of two who ask at once, both may look."""
    state, moment = _state(), time.monotonic()
    with _lock:
        kept = _kept.get(key)
        if kept and kept[0] == state and kept[1] > moment:
            _kept.move_to_end(key)
            return kept[2]
    found = find()
    with _lock:
        _kept[key] = state, moment + LONGEST, found
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


class _Request(threading.local):
    """What this thread has asked for the request that it answers."""

    is_on = False
    state: Any = None


_request = _Request()


@receiver([request_started, request_finished])
def _between_requests(signal, **kwargs):
    _request.is_on = signal is request_started
    ask_again()


def ask_again() -> None:
    """Of whoever changes something: what follows in the same request must see it."""
    _request.state = None


def _state():
    """The same for a whole request, which so shows one state and pays for one question."""
    if not (_request.is_on and _request.state):
        _request.state = _ask()
    return _request.state


def _ask():
    with connection.cursor() as cursor:
        cursor.execute(LAST_CHANGE.format(now=NOW[connection.vendor]), [])
        return cursor.fetchone()
