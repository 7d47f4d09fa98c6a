from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

MOST_ATTEMPTS = 10
FIRST_WAIT = timedelta(minutes=1)  # doubles with each attempt: the tenth comes after eight and a half hours
LEASE = timedelta(minutes=1)  # a piece of work must be shorter; after a crash nothing is done for so long


class JobQuerySet(models.QuerySet):
    def add(self, name, key, due=None):
        due = due or timezone.now()
        job, made = self.open().get_or_create(name=name, key=key, defaults={"due": due})
        if not made and job.given_up:
            job.try_again(due)
        elif due < job.due:
            self.filter(pk=job.pk, due__gt=due).update(due=due)

    def open(self):
        return self.filter(done_at__isnull=True)

    def due(self, now):
        """What is to be done now, the longest due first. What was given up waits for an admin."""
        return self.open().filter(due__lte=now, attempts__lt=MOST_ATTEMPTS).order_by("due", "pk")

    def done_before(self, moment):
        return self.filter(done_at__lt=moment)


class Job(models.Model):
    """A piece of work, by its name and what it is about. Periodic work has no key and is never done for good."""

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=100, blank=True)
    due = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["due"], condition=Q(done_at=None), name="job_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"], condition=Q(done_at__isnull=True), name="job_open_once"
            )
        ]

    def __str__(self):
        return f"{self.name} {self.key}".strip()

    @property
    def given_up(self):
        return self.done_at is None and self.attempts >= MOST_ATTEMPTS

    @property
    def state(self):
        if self.done_at:
            return "done"
        return "given up" if self.given_up else "waiting"

    def begin(self, now, every=None):
        """Count the attempt and set the next before anything is tried, so that a crash is an attempt too.

        Periodic work is tried again after its period at the latest, and never given up.
        """
        wait = FIRST_WAIT * 2**self.attempts
        self.attempts += 1
        if every:
            wait, self.attempts = min(wait, every), min(self.attempts, MOST_ATTEMPTS - 1)
        self.due = now + wait
        self.save(update_fields=["attempts", "due"])

    def finish(self, now, every=None):
        """Done; periodic work is due again after its period."""
        self.last_error = ""
        if every:
            self.attempts, self.due = 0, now + every
        else:
            self.done_at = now
        self.save(update_fields=["last_error", "attempts", "due", "done_at"])

    def try_again(self, now):
        self.attempts, self.due = 0, now
        self.save(update_fields=["attempts", "due"])


class Lease(models.Model):
    """Who works now: one thread of one process, until it lets go or its time is over."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=100, blank=True)
    until = models.DateTimeField()

    def __str__(self):
        return self.name

    @classmethod
    def take(cls, name, holder, now):
        """Take it, or keep it; one statement, so that of two who ask only one is given it."""
        cls.objects.get_or_create(name=name, defaults={"until": now})
        free = Q(until__lte=now) | Q(holder="") | Q(holder=holder)
        return cls.objects.filter(free, name=name).update(holder=holder, until=now + LEASE) == 1

    @classmethod
    def release(cls, name, holder):
        cls.objects.filter(name=name, holder=holder).update(holder="")
