"""The one background thread of a web process. It may die with its process at any moment: open work stays open."""

import atexit
import logging
import threading
import time

from django.db import connections

from kb.jobs.stated import stated
from kb.jobs.working import described, run_due

PAUSE = 2  # seconds between two looks
OWN_PAUSE = 30  # between two writings of what each process counts for itself
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
    """Do what is due, again and again, until told to stop; before the end, write down what has been counted."""
    written = time.monotonic()
    while not stop.is_set():
        pause = PAUSE
        try:
            run_due(go_on=lambda: not stop.is_set())
            if time.monotonic() - written >= OWN_PAUSE:
                written = time.monotonic()
                do_own()
        except Exception as problem:
            log.error("Due work has to wait: %s", described(problem))
            pause = LONG_PAUSE
        finally:
            connections.close_all()
        stop.wait(pause)
    do_own()


def do_own() -> None:
    """What every process does for itself, with the lease or without; one that fails holds up no other."""
    for function in stated().own:
        try:
            function()
        except Exception as problem:
            log.error("%s failed: %s", function.__qualname__, described(problem))
    connections.close_all()
