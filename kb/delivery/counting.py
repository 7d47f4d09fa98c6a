"""Views, counted in memory and written as day totals: reading a page never waits for a write."""

import threading
from collections import Counter

from django.utils import timezone

from kb.delivery.models import Views

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
        if not taken:
            return
        try:
            Views.objects.add(timezone.localdate(), taken)
        except BaseException:
            with self.lock:
                self.held.update(taken)
            raise
