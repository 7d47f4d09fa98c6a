from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

MOST_ATTEMPTS = 10
FIRST_WAIT = timedelta(minutes=1)  # doubles with each attempt: the tenth comes after eight and a half hours
LONGEST_SENDING = timedelta(minutes=10)  # a mail that is being sent for longer was left behind by a crash
# What Django lets through in quotes is no one's.
PLAIN_ADDRESS = RegexValidator(r"\A[^\s\x00-\x1f\x7f\"\\<>(),;:]+\Z")
WRONG_ADDRESS = {
    "blank": "Whom is this mail for? Write one address, such as anna@example.org.",
    "invalid": "“%(value)s” is no mail address. Write one address, such as anna@example.org.",
}
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


class MailQuerySet(models.QuerySet):
    def due(self, now):
        """What is to be sent now, the longest due first."""
        return self.filter(state=Mail.State.WAITING, due__lte=now).order_by("due", "pk")

    def left_behind(self, now):
        """Whoever sent these is gone, and nobody knows how far it came."""
        return self.filter(state=Mail.State.SENDING, claimed_at__lt=now - LONGEST_SENDING)

    def not_sent(self):
        """What an admin may have sent again; of what was forgotten nothing is left to send."""
        failed = [Mail.State.UNCLEAR, Mail.State.REFUSED, Mail.State.GIVEN_UP]
        return self.filter(state__in=failed).exclude(recipient="")

    def forget(self):
        """Whom it was for and what it said; that it was asked for stays, so that it is not sent a second time."""
        waiting = self.filter(state=Mail.State.WAITING)
        waiting.update(state=Mail.State.GIVEN_UP)
        self.exclude(recipient="").update(recipient="", reply_to="", subject="", text="", headers={})


class Mail(models.Model):
    """One mail to one person. `sending` is written before the server is told anything, so that a crash shows."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNCLEAR = "unclear", "Unclear: perhaps sent"
        REFUSED = "refused", "Refused"
        GIVEN_UP = "given-up", "Given up"

    key = models.CharField(max_length=100, unique=True)
    recipient = models.EmailField("to", validators=[PLAIN_ADDRESS], error_messages=WRONG_ADDRESS)
    reply_to = models.EmailField(blank=True, validators=[PLAIN_ADDRESS], error_messages=WRONG_ADDRESS)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    number = models.UUIDField(default=uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["due"], condition=Q(state="waiting"), name="mail_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "unclear", "refused", "given-up"]),
                name="mail_state_known",
                violation_error_message="Choose one of the states there are.",
            )
        ]

    def __str__(self):
        return self.key

    @property
    def message_id(self):
        """The same at every attempt, so that a mailbox can tell a double."""
        return f"<{self.number.hex}@{settings.SITE_HOST.strip('[]')}>"

    def claim(self, now):
        """Say that it is being sent and count the attempt; of two who ask only one is given it."""
        self.claimed_at = now
        waiting = Mail.objects.filter(pk=self.pk, state=Mail.State.WAITING)
        return waiting.update(state=Mail.State.SENDING, claimed_at=now, attempts=F("attempts") + 1) == 1

    def become(self, state, **facts):
        """How the sending that `claim` began came out; nothing, where an admin has begun another since."""
        begun = Mail.objects.filter(pk=self.pk, claimed_at=self.claimed_at)
        begun.filter(state__in=[Mail.State.SENDING, Mail.State.UNCLEAR]).update(state=state, **facts)

    def try_later(self, now, last_error):
        """With growing waits, and not for ever."""
        tried = self.attempts + 1
        state = Mail.State.WAITING if tried < MOST_ATTEMPTS else Mail.State.GIVEN_UP
        self.become(state, due=now + FIRST_WAIT * 2**self.attempts, last_error=last_error)
