"""What codes stand in: a registry, its classes by outcome, and the subjects of enhanced codes."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from kb.codes import queries
from kb.codes.acting import Acting
from kb.codes.shipped import Shipped, history, slug_is_formed
from kb.codes.values import NUMBERS
from kb.delivery.addresses import address, code_address
from kb.text.globs import like_any, made_of

TONES = {"success": "ok", "intermediate": "info", "transient": "warn", "permanent": "bad"}


def refuse_to_move(row, **sentences):
    """Its codes hold copies of these fields, so they stay as they are while there are codes."""
    before = type(row).objects.filter(pk=row.pk).first() if row.pk else None
    changed = {
        name: sentence
        for name, sentence in sentences.items()
        if before and before.serializable_value(name) != row.serializable_value(name)
    }
    if changed and row.codes.exists():
        raise ValidationError(changed)


class Registry(Shipped):
    """A body of codes: SMTP comes with Codebook, others can be added."""

    NATURAL = ("slug",)

    slug = models.SlugField("address name", unique=True, help_text="Stands in addresses: /codes/smtp/.")
    name = models.CharField(max_length=80)
    summary = models.TextField(blank=True, help_text="One or two plain sentences for the list of registries.")
    address = models.URLField("official registry", blank=True)
    address_name = models.CharField("its name", max_length=120, blank=True)
    is_default = models.BooleanField(
        "default registry", default=False, help_text="Its codes are found at /550 and meant by [[code 550]]."
    )
    position = models.PositiveSmallIntegerField(default=0)
    objects = queries.RegistryQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "registries"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_registry",
                violation_error_message="Another registry is the default already. Untick it there first.",
            ),
            models.CheckConstraint(
                condition=~Q(slug="feed") & ~Q(slug__glob="[0-9]*"),
                name="registry_slug_is_free",
                violation_error_message="A registry’s address name cannot be “feed” and cannot begin with a digit.",
            ),
            slug_is_formed("registry"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("registry", self.slug)


class CodeClass(Shipped, Acting):
    """A registry's division by outcome: 2xx, 3xx, 4xx, 5xx."""

    NATURAL = ("registry", "slug")

    class Outcome(models.TextChoices):
        SUCCESS = "success", "Success"
        INTERMEDIATE = "intermediate", "Intermediate"
        TRANSIENT = "transient", "Transient failure"
        PERMANENT = "permanent", "Permanent failure"

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="classes")
    slug = models.SlugField("address name", max_length=20, help_text="Stands in addresses, such as 5xx.")
    digit = models.CharField(
        "first digit", max_length=1, blank=True, help_text="The digit that its codes begin with, if they do."
    )
    name = models.CharField(max_length=80)
    outcome = models.CharField(max_length=12, choices=Outcome)
    verdict = models.CharField(max_length=80, help_text="What it comes to, in a few plain words.")
    meaning = models.TextField(blank=True, help_text="For a person who knows nothing about mail.")
    precise = models.TextField("precise sense", blank=True, help_text="For an administrator.")
    reference = models.CharField(max_length=120, blank=True, help_text="Such as RFC 5321 §4.2.1.")
    objects = queries.DivisionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["registry", "slug"]
        verbose_name = "class"
        verbose_name_plural = "classes"
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "slug"],
                name="class_slug_once",
                violation_error_message="This registry has a class with this address name already.",
            ),
            models.UniqueConstraint(
                fields=["registry", "digit"],
                condition=~Q(digit=""),
                name="class_digit_once",
                violation_error_message="This registry has a class for this digit already.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["success", "intermediate", "transient", "permanent"]),
                name="class_outcome_known",
                violation_error_message="Choose one of the four outcomes.",
            ),
            models.CheckConstraint(
                condition=~Q(slug__in=["card", "comments"]) & ~made_of("slug", "0-9"),
                name="class_slug_is_free",
                violation_error_message="A class’s address name cannot be “card”, “comments” or a number.",
            ),
            slug_is_formed("class"),
        ]

    def __str__(self):
        return f"{self.slug} {self.name}"

    def get_absolute_url(self):
        return code_address(self.registry.slug, self.slug)

    @property
    def tone(self):
        """The name of its colour and shape in the style sheet."""
        return TONES[self.outcome]

    def clean(self):
        refuse_to_move(
            self,
            digit="Codes stand in this class and begin with its digit. Move or delete them first.",
            registry="Codes stand in this class, so it stays in its registry. Move or delete them first.",
        )
        if self.registry_id and self.registry.codes.filter(value=self.slug).exists():
            raise ValidationError({"slug": f"{self.slug} is a code of this registry. Choose another name."})


class Subject(Shipped, Acting):
    """The second part of an enhanced code: X.1 addressing, X.2 mailbox and so on (RFC 3463)."""

    NATURAL = ("registry", "value")

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="subjects")
    value = models.CharField(
        max_length=8,
        validators=[RegexValidator(r"^X\.[0-9]{1,3}$", "Write X, a dot and a number, such as X.7.")],
    )
    name = models.CharField(max_length=120)
    meaning = models.TextField(blank=True, help_text="For a person who knows nothing about mail.")
    precise = models.TextField("precise sense", blank=True, help_text="For an administrator.")
    reference = models.CharField(max_length=120, blank=True)
    objects = queries.DivisionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["registry", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "value"],
                name="subject_value_once",
                violation_error_message="This registry has this subject already.",
            ),
            models.CheckConstraint(
                condition=like_any("value", [f"X.{number}" for number in NUMBERS]),
                name="subject_value_is_formed",
                violation_error_message="Write X, a dot and a number, such as X.7.",
            ),
        ]

    def __str__(self):
        return f"{self.value} {self.name}"

    def get_absolute_url(self):
        return f"{self.registry.get_absolute_url()}#{self.value}"

    def clean(self):
        refuse_to_move(
            self,
            value="Codes stand in this subject and carry its number. Move or delete them first.",
            registry="Codes stand in this subject, so it stays in its registry. Move or delete them first.",
        )
