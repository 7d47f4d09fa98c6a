"""What this room has done in the background."""

from datetime import timedelta

from django.utils import timezone

from kb.desk.models import Action
from kb.desk.moderation import finish

KEPT = timedelta(days=90)


def trim():
    Action.objects.filter(made_at__lt=timezone.now() - KEPT).delete()


JOBS = {"moderated": finish}
DUE = [("trim_actions", timedelta(days=1), trim)]
