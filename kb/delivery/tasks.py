"""The work of this room: views are written down, and what nobody reads any more is deleted."""

from datetime import timedelta

from django.utils import timezone

from kb.delivery.layer import running
from kb.delivery.models import Change, Views

KEPT = timedelta(days=2)  # a process that slept longer begins anew
DAYS_KEPT = timedelta(days=400)


def trim_changes():
    """The newest row stays whatever its age: it is where those who listen have stopped."""
    now, newest = timezone.now(), Change.objects.last()
    if newest:
        Change.objects.filter(made_at__lt=now - KEPT, n__lt=newest.n).exclude(at__gt=now - KEPT).delete()


def trim_views():
    Views.objects.filter(day__lt=timezone.localdate() - DAYS_KEPT).delete()


def write_views():
    """Not by the thread that listens to the change log: that must not wait where others write."""
    for layer in running:
        layer.counts.write()


DUE = [("trim_changes", timedelta(hours=6), trim_changes), ("trim_views", timedelta(days=1), trim_views)]
OWN = [write_views]
