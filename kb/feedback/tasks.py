"""The work of this room: counts are written down, and old ones forgotten."""

from datetime import timedelta

from kb.feedback.models import Ask, Vote
from kb.feedback.remembering import write_down


def trim():
    Ask.objects.trim()


def forget_networks():
    Vote.objects.forget_networks()


DUE = [
    ("trim_asks", timedelta(days=1), trim),
    ("forget_networks_of_votes", timedelta(hours=1), forget_networks),
]
OWN = [write_down]
