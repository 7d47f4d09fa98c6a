"""The stored pages of this process with all that belongs to them; each server's door stands in front of one layer."""

import atexit
import logging
import queue
import threading
import time

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import InterfaceError, OperationalError, connections

from kb.delivery.asking import Key
from kb.delivery.counting import Counts
from kb.delivery.listening import Listener
from kb.delivery.making import Maker
from kb.delivery.pages import StoredPage
from kb.delivery.store import FRESH, PageStore

PAUSE = 0.5  # seconds between two looks at the change log
EVERY = 4  # looks for which one connection is kept: the file may have been replaced
# Seconds that a page is shown while it is made anew after a change: with the pause, less than one.
GRACE = 0.25
STALE = FRESH + 60  # an old page is shown while it is made anew, but not for long
ALONE = 24 * 3600  # seconds for which a page is shown where there is no database to make it anew from
log = logging.getLogger(__name__)


running: list["Layer"] = []  # of this process: one, once it serves


class Layer:
    def __init__(self, handler: WSGIHandler, grace: float = GRACE):
        self.grace = grace
        self.store = PageStore(settings.PAGE_STORE_MB * 1024 * 1024)
        self.maker = Maker(handler, self.store)
        self.listener = Listener(self.store)
        self.counts = Counts()
        # The database could not be asked for changes: what is stored stands, up to a day.
        self.is_cut_off = False
        self.to_compress: queue.SimpleQueue[StoredPage | None] = queue.SimpleQueue()
        self.stop = threading.Event()

    def start(self) -> None:
        """Its two threads: one listens to the change log, one compresses what is read often."""
        running.append(self)
        for work in (self._listen, self._compress):
            threading.Thread(target=work, name=f"stored pages {work.__name__}", daemon=True).start()
        atexit.register(self.end)

    def end(self) -> None:
        self.stop.set()
        self.to_compress.put(None)
        self._quietly(self.counts.write)

    def look_up(self, key: Key | tuple) -> StoredPage | None:
        """The page under this key, if it is young enough; the hit is noted."""
        page = self.store.get(key) or self.store.just_dropped(key, self.grace)
        if page is None or page.made < time.monotonic() - (ALONE if self.is_cut_off else STALE):
            return None
        self.store.found += 1
        if page.is_worth_it():
            self.to_compress.put(page)
        return page

    def catch_up(self) -> None:
        """Drop now what has changed, for somebody who may have changed it."""
        self.listener.read()

    def is_due(self, page: StoredPage) -> bool:
        """True for one asker of a page that has grown old or was dropped: it shall be made anew, aside."""
        if page.renewing or not (page.dropped or page.made < time.monotonic() - FRESH) or self.is_cut_off:
            return False
        page.renewing = True
        return True

    def _listen(self):
        looks = 0
        while not self.stop.is_set():
            self.look_at_changes()
            looks += 1
            if looks % EVERY == 0:
                connections.close_all()
            self.stop.wait(PAUSE)
        connections.close_all()

    def look_at_changes(self) -> None:
        """Where the database cannot be asked, nothing can be edited from here either: the pages stand, and it is tried again."""
        self.store.forget_dropped()
        problem = self._quietly(self.listener.read)
        self.is_cut_off = isinstance(problem, OperationalError | InterfaceError)

    def _quietly(self, work):
        try:
            work()
        except Exception as problem:
            if not self.is_cut_off:
                log.error("Stored pages: %s failed: %s", work.__qualname__, type(problem).__name__)
            connections.close_all()
            return problem
        return None

    def _compress(self):
        while (page := self.to_compress.get()) is not None:
            page.compress_well()
