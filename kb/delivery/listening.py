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
        self.seen: list[tuple] | None = None  # the mark of the row read last; none of an empty log
        self.coming: list[tuple[datetime, str]] = []
        self.lock = threading.Lock()

    def read(self, now: datetime | None = None) -> None:
        """One query if nothing is new; called twice a second by one thread of the process, and by those who may not wait for it."""
        with self.lock:
            self._read(now or timezone.now())

    def _read(self, now):
        number = self.seen[0][0] if self.seen else 0
        marks = Change.objects.marks(number)
        if self.seen is None or marks[: len(self.seen)] != self.seen:
            self._begin(now)  # the row we stopped at is gone or another: this log is not the one we read
        else:
            self._take(list(Change.objects.after(number)) if len(marks) > len(self.seen) else [], now)

    def _begin(self, now):
        newest = Change.objects.last()
        self.coming = []
        self.seen = self._mark(newest)
        self._await(Change.objects.to_come(now - BEHIND))
        self.store.drop([EVERYTHING])
        self.store.is_open = True

    def _take(self, rows, now):
        if rows:
            self.seen = self._mark(rows[-1])
            self._await(row for row in rows if row.at)
        told = {row.target for row in rows}
        while self.coming and self.coming[0][0] <= now:
            told.add(heapq.heappop(self.coming)[1])
        if told:
            self.store.drop(told)

    @staticmethod
    def _mark(row):
        return Change.objects.marks(row.n)[:1] if row else []

    def _await(self, rows):
        for row in rows:
            heapq.heappush(self.coming, (row.at, row.target))
            heapq.heappush(self.coming, (row.at + BEHIND, row.target))
