"""Reading the change log: what others wrote since the last look is dropped here, and what has come due."""

import heapq
import threading
from datetime import datetime, timedelta

from django.utils import timezone

from kb.delivery.models import EVERYTHING, Change
from kb.delivery.store import PageStore

# A moment is told again so much later, for a database whose clock is behind ours.
BEHIND = timedelta(seconds=2)


class Listener:
    def __init__(self, store: PageStore):
        self.store = store
        self.seen: int | None = None  # the last number read
        self.coming: list[tuple[datetime, str]] = []
        self.lock = threading.Lock()

    def read(self, now: datetime | None = None) -> None:
        """One query if nothing is new; called twice a second by one thread of the process, and by those who may not wait for it."""
        with self.lock:
            self._read(now or timezone.now())

    def _read(self, now):
        if self.seen and Change.objects.ends_with(self.seen):
            self._take([], now)
            return
        rows = [] if self.seen is None else list(Change.objects.since(self.seen))
        if self.seen is None or (self.seen and (not rows or rows[0].n != self.seen)):
            self._begin(now)  # the row we stopped at is gone: this log is not the one we read
        else:
            self._take([row for row in rows if row.n > self.seen], now)

    def _begin(self, now):
        newest = Change.objects.last()
        self.coming = []
        self.seen = newest.n if newest else 0
        self._await(Change.objects.to_come(now - BEHIND))
        self.store.drop([EVERYTHING])
        self.store.is_open = True

    def _take(self, rows, now):
        if rows:
            self.seen = rows[-1].n
            self._await(row for row in rows if row.at)
        told = {row.target for row in rows}
        while self.coming and self.coming[0][0] <= now:
            told.add(heapq.heappop(self.coming)[1])
        if told:
            self.store.drop(told)

    def _await(self, rows):
        for row in rows:
            heapq.heappush(self.coming, (row.at, row.target))
            heapq.heappush(self.coming, (row.at + BEHIND, row.target))
