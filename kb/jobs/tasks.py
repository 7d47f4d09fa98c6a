"""The work of this room itself."""

from datetime import timedelta

from django.utils import timezone

from kb.jobs.models import Job

KEPT = timedelta(days=7)


def trim():
    Job.objects.done_before(timezone.now() - KEPT).delete()


DUE = [("trim_jobs", timedelta(days=1), trim)]
