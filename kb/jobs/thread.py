"""The background of a web process: one thread for due work, and one for mails, which wait for another machine.

They may die with their process at any moment: open work stays open.
"""

import atexit
import logging
import threading
from collections.abc import Callable

from django.db import connections

from kb.jobs.sending import OutOfReach, send_due
from kb.jobs.working import described, run_due

PAUSE = 2  # seconds between two looks
LONG_PAUSE = 30  # after trouble with the database itself, or with the mail server
LAST_WAIT = 3  # for the work at hand when the process ends

log = logging.getLogger(__name__)


def start() -> list[threading.Thread]:
    stop = threading.Event()
    threads = [
        threading.Thread(target=work, args=[stop, task], name=name, daemon=True)
        for name, task in (("due work", run_due), ("mails", send_due))
    ]
    for thread in threads:
        thread.start()
    atexit.register(end, threads, stop)
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
