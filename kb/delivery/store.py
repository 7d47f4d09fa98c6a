"""The stored pages of one process: kept by their keys, dropped by their targets, bounded by their bytes."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable

from kb.delivery.asking import Key
from kb.delivery.models import EVERYTHING
from kb.delivery.pages import StoredPage

FRESH = 300  # seconds: counts of votes, the day in print and all else that no change tells of may be so old
LONGEST_MAKING = 60  # drops older than that are forgotten, and what was marked before them is not kept
FOR_PICTURES = 4  # of the room, one part in so many: however many are looked at, the pages stay
PASSED_FOR = 60  # how long an answer that may not enter is not tried again
MOST_PASSED = 2000


class PageStore:
    def __init__(self, most_bytes: int):
        self.most_bytes, self.bytes = most_bytes, 0
        self.pictures: dict[Key, int] = {}  # with their bytes, the first to come first
        self.found = 0  # how often a page was there, for the operator's figures
        self.pages: dict[Key, StoredPage] = {}  # the longest unread first
        # Those dropped just now, so that they can be shown while they are made anew.
        self.dropped: dict[Key, StoredPage] = {}
        self.by_target: defaultdict[str, set[Key]] = defaultdict(set)
        self.passed: dict[Key, float] = {}
        self.drops: deque[tuple[int, float, frozenset[str]]] = deque()
        self.clock = 0  # counts the drops: a page is marked with it before its first query
        self.is_open = False  # nothing is kept before the change log was read
        self.lock = threading.Lock()

    def get(self, key: Key | tuple) -> StoredPage | None:
        page = self.pages.get(key)  # type: ignore[arg-type]
        if page is not None:
            page.hits += 1
        return page

    def just_dropped(self, key: Key | tuple, seconds: float) -> StoredPage | None:
        """What stood there until a moment ago."""
        page = self.dropped.get(key)  # type: ignore[arg-type]
        return page if page and page.dropped > time.monotonic() - seconds else None

    def forget_dropped(self) -> None:
        with self.lock:
            self.dropped.clear()

    def keep(self, key: Key, page: StoredPage, mark: int) -> bool:
        """Unless something it was made from has changed since its mark was taken."""
        with self.lock:
            if not self.is_open or self._changed_since(mark, page):
                return False
            if key in self.pages:
                page.take_over(self.pages[key])
                self._remove(key)
            self.dropped.pop(key, None)
            self.pages[key] = page
            self.bytes += page.size
            if getattr(page, "is_picture", False):
                self.pictures[key] = page.size
            for target in page.targets:
                self.by_target[target].add(key)
            self._make_room()
            return True

    def drop(self, targets: Iterable[str]) -> None:
        """These were changed. A page that names everything was made from them too."""
        names = frozenset(targets)
        with self.lock:
            self.clock += 1
            self.drops.append((self.clock, time.monotonic(), names))
            while self.drops and self.drops[0][1] < time.monotonic() - LONGEST_MAKING:
                self.drops.popleft()
            if EVERYTHING in names:
                names = frozenset(self.by_target)
            for target in {*names, EVERYTHING}:
                for key in tuple(self.by_target.get(target, ())):
                    self._fade(key)
                    self._remove(key)

    def pass_by(self, key: Key) -> None:
        """The answer at this address may not enter; do not try again for a while."""
        with self.lock:
            if len(self.passed) >= MOST_PASSED:
                self.passed.clear()
            self.passed[key] = time.monotonic() + PASSED_FOR

    def passes(self, key: Key) -> bool:
        return self.passed.get(key, 0) > time.monotonic()

    def _changed_since(self, mark, page):
        if self.clock - mark > len(self.drops):
            return True
        missed = [names for clock, _, names in self.drops if clock > mark]
        return any(
            EVERYTHING in names or EVERYTHING in page.targets or names & page.targets for names in missed
        )

    def _fade(self, key):
        """Whoever is making it already, because it is old, began before the change."""
        page = self.pages[key]
        if isinstance(page, StoredPage):
            page.dropped, page.renewing = time.monotonic(), False
            self.dropped[key] = page

    def _make_room(self):
        """The longest unread goes; what was read since its turn came last gets another. Of pictures, the oldest."""
        while sum(self.pictures.values()) > self.most_bytes // FOR_PICTURES:
            self._remove(next(iter(self.pictures)))
        while self.bytes > self.most_bytes and self.pages:
            key = next(iter(self.pages))
            page = self.pages[key]
            if page.hits:
                page.hits //= 2
                self.pages[key] = self.pages.pop(key)
            else:
                self._remove(key)

    def _remove(self, key):
        page = self.pages.pop(key, None)
        if page is None:
            return
        self.bytes -= page.size
        self.pictures.pop(key, None)
        for target in page.targets:
            self.by_target[target].discard(key)
            if not self.by_target[target]:
                del self.by_target[target]
