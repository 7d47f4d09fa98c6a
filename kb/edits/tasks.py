"""What this room has done in the background."""

from datetime import timedelta

from django.utils import timezone

from kb.edits.models import Answer

KEPT = timedelta(days=2)  # longer than a browser repeats a form


def trim():
    Answer.objects.filter(made_at__lt=timezone.now() - KEPT).delete()


DUE = [("trim_answers", timedelta(days=1), trim)]
