"""The work of this room itself."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from kb.jobs.models import Job, Mail

KEPT = timedelta(days=7)
KEYS_KEPT = timedelta(days=365)


def trim():
    Job.objects.done_before(timezone.now() - KEPT).delete()


def trim_mails():
    """What mails said is private and goes soon; that they were asked for is kept a year, so that none is sent twice."""
    now = timezone.now()
    Mail.objects.filter(made_at__lt=now - timedelta(days=settings.MAILS_KEPT_DAYS)).forget()
    Mail.objects.filter(made_at__lt=now - KEYS_KEPT).delete()


DUE = [("trim_jobs", timedelta(days=1), trim), ("trim_mails", timedelta(days=1), trim_mails)]
