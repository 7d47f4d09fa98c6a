"""Who speaks, and what they say."""

import re

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from kb.codes import queries, values
from kb.codes.acting import Acting
from kb.codes.markers import checked, rendered
from kb.codes.models.causes import Cause
from kb.codes.models.codes import CODES
from kb.codes.models.registries import Registry
from kb.codes.patterns import PatternError, compiled
from kb.codes.shipped import Shipped, history, slug_is_formed, with_made
from kb.delivery.addresses import address

BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")  # browsers send line ends in two characters


class Provider(Shipped):
    """Who speaks this way: a mailbox provider, server software, a list operator."""

    NATURAL = ("slug",)

    class Kind(models.TextChoices):
        MAILBOX = "mailbox", "Mailbox provider"
        SOFTWARE = "software", "Mail server software"
        BLOCKLIST = "blocklist", "Block list operator"
        FILTER = "filter", "Mail filter"

    slug = models.SlugField("address name", unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=Kind)
    marks = models.TextField(
        blank=True, help_text="Texts that betray it in a bounce, one a line, such as gsmtp."
    )
    summary = models.TextField(blank=True, help_text="One or two plain sentences.")
    website = models.URLField(blank=True)
    postmaster_url = models.URLField("postmaster page", blank=True)
    delisting_url = models.URLField("delisting form", blank=True)
    notes = models.TextField(blank=True, help_text="Markdown.")
    notes_html = models.TextField(blank=True, editable=False)
    history = history(made=["notes_html"])

    class Meta:
        ordering = ["name"]
        constraints = [
            slug_is_formed("provider"),
            models.CheckConstraint(
                condition=Q(kind__in=["mailbox", "software", "blocklist", "filter"]),
                name="provider_kind_known",
                violation_error_message="Choose one of the kinds offered.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("provider", self.slug)

    def clean(self):
        checked("notes", self.notes)

    def save(self, **options):
        self.notes_html = rendered(self.notes).html
        super().save(**with_made(options, "notes", "notes_html"))

    @property
    def page_targets(self):
        return [f"provider:{self.slug}"]

    @property
    def mark_list(self):
        return [mark.strip() for mark in self.marks.splitlines() if mark.strip()]


class Wording(Shipped, Acting):
    """A text that is sent: its pattern, samples of it, the codes it comes with, its provider and cause."""

    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="wordings", help_text="Empty: anyone’s."
    )
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, blank=True, related_name="wordings")
    pattern = models.CharField(
        max_length=500,
        help_text="A regular expression (RE2), searched anywhere in the text, without regard to case. Spaces stand for any white space.",
    )
    samples = models.TextField(
        blank=True,
        help_text="Lines as servers send them, a blank line between two. Use example.com in addresses.",
    )
    reply_codes = models.CharField(max_length=200, blank=True, help_text="550, or a list: 550|554.")
    enhanced_codes = models.CharField(
        max_length=200, blank=True, help_text="5.7.1, a list: 5.7.1|5.7.26, or a range: 5.7.606-5.7.649."
    )
    meaning = models.TextField(blank=True, help_text="One plain sentence.")
    in_brief = models.CharField(max_length=60, blank=True, help_text="What to do, in at most six words.")
    objects = queries.WordingQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["provider", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "pattern", "reply_codes", "enhanced_codes"],
                name="wording_once",
                violation_error_message="This provider has this pattern for these codes already.",
            ),
            models.UniqueConstraint(
                fields=["pattern", "reply_codes", "enhanced_codes"],
                condition=Q(provider__isnull=True),
                name="anyones_wording_once",
                violation_error_message="This pattern stands for these codes already.",
            ),
            models.CheckConstraint(
                condition=~Q(pattern=""),
                name="wording_has_a_pattern",
                violation_error_message="Write a pattern.",
            ),
        ]

    def __str__(self):
        return f"{self.provider or 'Anyone'}: {self.pattern}"

    def targets(self):
        """Its provider's page, its cause's, and those of the codes it comes with, in whatever registry.

        One that is on none of these is found by a search all the same, so that it is told of in any case.
        """
        registries = Registry.objects.values_list("slug", flat=True)
        spoken = [*values.expand(self.reply_codes), *values.expand(self.enhanced_codes)]
        pages = [
            *(self.provider.page_targets if self.provider else ()),
            *(self.cause.page_targets if self.cause else ()),
            *(f"code:{registry}/{value}" for registry in registries for value in spoken),
        ]
        return pages or [CODES]

    def get_absolute_url(self):
        """Where it stands: on its provider's page, or, if it is anyone's, on its cause's."""
        place = self.provider or self.cause
        return f"{place.get_absolute_url()}#wording-{self.pk}" if place else reverse("registries")

    @property
    def sample_list(self):
        return [sample.strip() for sample in BLANK_LINE.split(self.samples) if sample.strip()]

    @property
    def who_acts(self):
        """Its own set of roles, or that of its cause."""
        return self.actors or (self.cause.actors if self.cause else [])

    def clean(self):
        problems = {}
        try:
            pattern = compiled(self.pattern)
        except PatternError as problem:
            problems["pattern"] = str(problem)
        else:
            missed = [sample for sample in self.sample_list if not pattern.search(" ".join(sample.split()))]
            if missed:
                problems["samples"] = f"The pattern does not match this sample: {missed[0]}"
        for name, fits in (("reply_codes", values.is_reply), ("enhanced_codes", values.is_enhanced)):
            try:
                if not all(fits(value) for value in values.expand(getattr(self, name))):
                    raise ValueError(
                        "Reply codes look like 550 and enhanced codes like 5.1.1; each has its own field."
                    )
            except ValueError as problem:
                problems[name] = str(problem)
        if problems:
            raise ValidationError(problems)

    def save(self, **options):
        spoken = [*values.expand(self.reply_codes), *values.expand(self.enhanced_codes)]
        with transaction.atomic():
            super().save(**options)
            self.codes.all().delete()
            WordingCode.objects.bulk_create(WordingCode(wording=self, value=value) for value in spoken)


class WordingCode(models.Model):
    """One code a wording comes with, ranges spelled out; made on save."""

    wording = models.ForeignKey(Wording, models.CASCADE, related_name="codes")
    value = models.CharField(max_length=11, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wording", "value"], name="wording_code_once")]

    def __str__(self):
        return self.value
