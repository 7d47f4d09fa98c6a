"""Counting what is asked, without what is private in it: the skeleton of a search, or of what a server said.

Counts wait in memory until the process writes them down; losing some is better than making anybody wait.
"""

import logging
import threading
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from kb.diagnosis.masking import skeleton
from kb.feedback.models import LONGEST_SKELETON, Ask

LONGEST_SEARCH = 200
MOST_WAITING = 1000  # different ones; what comes on top until they are written is not counted

log = logging.getLogger(__name__)
_lock = threading.Lock()
_waiting: dict[tuple[str, str], tuple[int, str]] = {}  # (kind, skeleton): times, how it was answered last


def remember_search(text: str, outcome: str) -> None:
    if len(text) <= LONGEST_SEARCH:
        _remember(Ask.Kind.SEARCH, text, outcome)


def remember_error(said: str, outcome: str, marks: Iterable[str] = ()) -> None:
    """`said`: the words of one server in a text that was read as an error; nothing else of it.
    `marks` of its provider tell who spoke and stay."""
    _remember(Ask.Kind.ERROR, said, outcome, marks)


def write_down() -> None:
    """All that waits, in one transaction."""
    with _lock:
        counted = dict(_waiting)
        _waiting.clear()
    if counted:
        Ask.objects.add(counted, timezone.localdate())


def _remember(kind, text, outcome, marks=()):
    """Never raises: an answer is worth more than its count."""
    if not settings.ASKS_KEPT_DAYS:
        return
    try:
        bones = _in_one_line(skeleton(text, marks))[:LONGEST_SKELETON]
        if bones:
            _count(kind, bones, outcome)
    except Exception as problem:  # its message may hold what was asked
        log.error("An ask was not counted: %s", type(problem).__name__)


def _in_one_line(text):
    """In one line, without what a database refuses."""
    return " ".join(text.replace("\x00", " ").encode("utf-8", "ignore").decode().split())


def _count(kind, bones, outcome):
    with _lock:
        if (kind, bones) in _waiting or len(_waiting) < MOST_WAITING:
            times, _ = _waiting.get((kind, bones), (0, ""))
            _waiting[kind, bones] = times + 1, outcome
