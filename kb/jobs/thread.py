"""The background of a web process: one thread for due work, one for mails, which wait for another machine, and one
that writes down what the process counts for itself.

They may die with their process at any moment: open work stays open.
"""

import logging
import threading
from collections.abc import Callable
from multiprocessing.util import Finalize

from django.db import connections

from kb.jobs.sending import OutOfReach, send_due
from kb.jobs.stated import stated
from kb.jobs.working import described, run_due

PAUSE = 2  # seconds between two looks
LONG_PAUSE = 30  # after trouble with the database itself, or with the mail server
OWN_PAUSE = 30  # between two writings of what the process counts
LAST_WAIT = 3  # for the work at hand when the process ends

log = logging.getLogger(__name__)


def start() -> list[threading.Thread]:
    stop = threading.Event()
    threads = [
        threading.Thread(target=work, args=[stop, task], name=name, daemon=True)
        for name, task in (("due work", run_due), ("mails", send_due))
    ]
    threads.append(threading.Thread(target=count, args=[stop], name="counts", daemon=True))
    for thread in threads:
        thread.start()
    Finalize(None, end, [threads, stop], exitpriority=1)  # the server's workers pass over atexit
    return threads


def end(threads, stop):
    stop.set()
    for thread in threads:
        thread.join(LAST_WAIT)


def work(stop: threading.Event, task: Callable[..., int]) -> None:
    """Do what is due, again and again, until told to stop."""
    while not stop.is_set():
        pause = PAUSE
        try:
            task(go_on=lambda: not stop.is_set())
        except OutOfReach as trouble:
            log.error("Mails have to wait: %s", trouble)
            pause = LONG_PAUSE
        except Exception as problem:
            log.error("Due work has to wait: %s", described(problem))
            pause = LONG_PAUSE
        finally:
            connections.close_all()
        stop.wait(pause)


def count(stop: threading.Event) -> None:
    """Write down what this process has counted, now and then and once more before it ends."""
    while not stop.wait(OWN_PAUSE):
        do_own()
    do_own()


def do_own() -> None:
    """What every process does for itself, with the lease or without; one that fails holds up no other."""
    for function in stated().own:
        try:
            function()
        except Exception as problem:
            log.error("%s has to wait: %s", function.__qualname__, described(problem))
    connections.close_all()
