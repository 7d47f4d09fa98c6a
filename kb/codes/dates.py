"""Days and moments that people type, and how they are said back: with the time zone."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

EARLIEST = 1900
FURTHEST = 100  # years from now


def plausible(day: date) -> None:
    """A year typed with two digits, and one that no calendar here reaches, is said by its number."""
    latest = timezone.localdate().year + FURTHEST
    if not EARLIEST <= day.year <= latest:
        raise ValidationError(
            _("This is the year %(year)s. Write a year from %(first)s to %(last)s, with four digits.")
            % {"year": day.year, "first": EARLIEST, "last": latest}
        )


class MomentField(forms.SplitDateTimeField):
    """A day and a time in the time zone of this site."""

    widget = forms.SplitDateTimeWidget

    def __init__(self, **options):
        widget = self.widget(date_attrs={"type": "date"}, time_attrs={"type": "time"})
        super().__init__(widget=widget, **options)

    def compress(self, data_list):
        if data_list and data_list[0] not in self.empty_values:
            plausible(data_list[0])  # before the time zone is reckoned with, which overflows at either end
        return super().compress(data_list)


def zone() -> str:
    return timezone.get_current_timezone_name()


def moment(at: datetime) -> str:
    """7 December 2026, 09:00"""
    return date_format(timezone.localtime(at), "j F Y, H:i")


def moment_and_zone(at: datetime) -> str:
    """7 December 2026, 09:00 (Europe/Berlin)"""
    return f"{moment(at)} ({zone()})"
