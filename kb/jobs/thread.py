"""The one background thread of a web process. It may die with its process at any moment: open work stays open."""

import atexit
import logging
import threading

from django.db import connections

from kb.jobs.working import described, run_due

PAUSE = 2  # seconds between two looks
LONG_PAUSE = 30  # after trouble with the database itself
LAST_WAIT = 3  # for the work at hand when the process ends

log = logging.getLogger(__name__)


def start() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=[stop], name="due work", daemon=True)
    thread.start()
    atexit.register(end, thread, stop)


def end(thread, stop):
    stop.set()
    thread.join(LAST_WAIT)


def work(stop: threading.Event) -> None:
    """Do what is due, again and again, until told to stop."""
    while not stop.is_set():
        pause = PAUSE
        try:
            run_due(go_on=lambda: not stop.is_set())
        except Exception as problem:
            log.error("Due work has to wait: %s", described(problem))
            pause = LONG_PAUSE
        finally:
            connections.close_all()
        stop.wait(pause)
