"""Doing what is due, one piece after the other, each in its own transaction."""

import logging
import os
import secrets
import socket
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from kb.jobs.models import Job, Lease
from kb.jobs.stated import stated

HOUSE = Path(__file__).resolve().parent.parent.parent
WORK = "work"  # the lease
log = logging.getLogger(__name__)


def run_due(now: datetime | None = None, go_on: Callable[[], bool] = lambda: True) -> int:
    """Do all that is due, also what that adds; returns how many pieces were done: none if another worker is at it."""
    holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
    _schedule(now or timezone.now())
    tried = done = 0
    try:
        while go_on() and (job := _begun(holder, now or timezone.now())):
            tried += 1
            done += _do(job, now)
    finally:
        if tried:
            Lease.release(WORK, holder)
    return done


def _schedule(now):
    """A row for each periodic work that has none yet."""
    names = stated().periods.keys()
    known = Job.objects.open().filter(name__in=names, key="").values_list("name", flat=True)
    for name in names - set(known):
        Job.objects.add(name, "", now)


def _begun(holder, now):
    """The next piece of work with its attempt counted, if there is one and the lease is ours."""
    if not Job.objects.due(now).exists():  # while nothing is due, nothing is written
        return None
    with transaction.atomic():
        if not Lease.take(WORK, holder, now):
            return None
        job = Job.objects.due(now).first()
        if job:
            job.begin(now, stated().periods.get(job.name))
        else:  # another worker did it between the two looks
            Lease.release(WORK, holder)
        return job


def _do(job, now):
    attempt = job.attempts
    try:
        with transaction.atomic():
            # Done first: what is added while it runs, by itself or by others, is new work.
            job.finish(now or timezone.now(), stated().periods.get(job.name))
            stated().do(job.name, job.key)
    except Exception as problem:
        told = described(problem)
        Job.objects.filter(pk=job.pk).update(last_error=told)
        log.error("Work %s failed at attempt %s: %s", job, attempt, told)
        return False
    return True


def described(problem: Exception) -> str:
    """What happened and where, without the message: that may hold what a person wrote."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(HOUSE)] or frames
    place = f" in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
    return f"{type(problem).__name__}{place}"[:200]
