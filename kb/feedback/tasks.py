"""The work of this room: counts are written down, and old ones forgotten."""

from datetime import timedelta

from kb.feedback.models import Ask
from kb.feedback.remembering import write_down


def trim():
    Ask.objects.trim()


DUE = [("trim_asks", timedelta(days=1), trim)]
OWN = [write_down]
