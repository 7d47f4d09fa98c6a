from django.db import models
from simple_history.models import HistoricalRecords


class Shipped(models.Model):
    """A record that may come with Codebook: it keeps what was shipped, so that local edits can be told apart."""

    NATURAL = ()  # the fields that name a record to a person, if they are unique together

    key = models.CharField(max_length=160, unique=True, null=True, blank=True, editable=False)
    shipped = models.JSONField(null=True, blank=True, editable=False)
    source = models.CharField(
        max_length=300, blank=True, help_text="Where the facts come from, such as RFC 5321 §4.2.3."
    )
    reviewed_on = models.DateField(
        null=True, blank=True, help_text="The day somebody last checked the facts."
    )

    class Meta:
        abstract = True

    def natural_key(self):
        return tuple((self.key or "").split("/"))


def history(*, made=(), **options):
    """Who changed what: a row a save, without the columns that are `made` from others."""
    return HistoricalRecords(excluded_fields=["shipped", *made], **options)
