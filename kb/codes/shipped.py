from django.db import models
from simple_history.models import HistoricalRecords

from kb.delivery.models import Shown
from kb.text.globs import made_of


class Shipped(Shown):
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


def history(*, made=(), **options):
    """Who changed what: a row a save, without the columns that are `made` from others."""
    return HistoricalRecords(excluded_fields=["shipped", *made], **options)


def slug_is_formed(model):
    """The promise that an address name can stand in an address."""
    return models.CheckConstraint(
        condition=made_of("slug", "-a-zA-Z0-9_"),
        name=f"{model}_slug_is_formed",
        violation_error_message="Write an address name: unaccented letters, digits, hyphens and underscores.",
    )


def with_made(options, source, *made):
    """The options of a save that keeps the columns `made` from `source` in step with it."""
    names = options.get("update_fields")
    return {**options, "update_fields": {*names, *made}} if names and source in names else options
