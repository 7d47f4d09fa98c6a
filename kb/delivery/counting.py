"""Views, counted in memory and written as day totals: reading a page never waits for a write."""

import threading
from collections import Counter

from django.utils import timezone

from kb.delivery.models import Views

A_BATCH = 200  # pages in one transaction: others who write wait no longer than that takes
MOST_HELD = 20_000  # pages; where nothing can be written for long, the rest is not counted


class Counts:
    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.lock = threading.Lock()

    def add(self, target: str) -> None:
        if target and (len(self.held) < MOST_HELD or target in self.held):
            with self.lock:
                self.held[target] += 1

    def write(self) -> None:
        """What was counted since the last time; kept for the next time where it cannot be written."""
        with self.lock:
            taken, self.held = self.held, Counter()
        day, left = timezone.localdate(), sorted(taken.items())
        try:
            while left:
                Views.objects.add(day, dict(left[:A_BATCH]))
                left = left[A_BATCH:]
        except BaseException:
            with self.lock:
                self.held.update(dict(left))
            raise
