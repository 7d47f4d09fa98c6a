from django.db import models

from kb.codes.acting import Acting
from kb.codes.shipped import Shipped, history, slug_is_formed
from kb.delivery.addresses import address


class Cause(Shipped, Acting):
    """Why it happens, and who must act."""

    NATURAL = ("slug",)

    slug = models.SlugField(
        "address name", unique=True, help_text="Stands in addresses: /causes/mailbox-full/."
    )
    name = models.CharField(max_length=80)
    meaning = models.TextField(blank=True, help_text="One or two plain sentences.")
    how_to_tell = models.TextField(blank=True, help_text="The signs of this cause in a bounce.")
    in_brief = models.CharField(max_length=60, blank=True, help_text="The fix in at most six words.")
    position = models.PositiveSmallIntegerField(default=0, help_text="The commonest first.")
    history = history()

    class Meta:
        ordering = ["position", "name"]
        constraints = [slug_is_formed("cause")]

    def __str__(self):
        return self.name

    def targets(self):
        """Every table of codes says what to do and who acts in the words of a cause."""
        return ["codes", *self.page_targets]

    @property
    def page_targets(self):
        return [f"cause:{self.slug}"]

    def get_absolute_url(self):
        return address("cause", self.slug)
