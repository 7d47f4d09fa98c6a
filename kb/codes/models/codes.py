from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from kb.codes import queries, values
from kb.codes.acting import Acting
from kb.codes.models.causes import Cause
from kb.codes.models.registries import CodeClass, Registry, Subject
from kb.codes.shipped import Shipped, history
from kb.codes.values import NUMBERS
from kb.delivery.addresses import code_address
from kb.delivery.models import Shown
from kb.text.globs import like_any, made_of

ENHANCED_GLOBS = [f"[X245].{subject}.{detail}" for subject in NUMBERS for detail in NUMBERS]
FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
FORM_SENTENCE = (
    "A code is made of unaccented letters, digits, dots, hyphens and underscores, such as 550 or X.1.1."
)


CODES = "codes"  # every page that lists codes or names one with its label


class CodeCause(Shown):
    """A cause of a code; the likeliest stands first."""

    code = models.ForeignKey("codes.Code", models.CASCADE, related_name="code_causes")
    cause = models.ForeignKey(Cause, models.CASCADE, related_name="code_causes")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "cause"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "cause"],
                name="cause_once_a_code",
                violation_error_message="This code has this cause already.",
            )
        ]

    def __str__(self):
        return str(self.cause)

    def targets(self):
        return [*self.code.targets(), *self.cause.targets()]


class Code(Shipped, Acting):
    """A reply code (550), an enhanced code in any class (X.1.1), or in one class only (5.7.26)."""

    NATURAL = ("registry", "value")

    class Kind(models.TextChoices):
        REPLY = "reply", "Reply code"
        ENHANCED = "enhanced", "Enhanced status code"

    class Standing(models.TextChoices):
        REGISTERED = "registered", "Defined by a standard"
        PAIRING = "pairing", "Only paired in the registry"
        NONSTANDARD = "nonstandard", "Not standard"

    WORDS = ("label", "in_brief", "meaning", "precise", "other_uses")

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="codes")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REPLY)
    value = models.CharField(
        max_length=20,
        validators=[RegexValidator(FORM, FORM_SENTENCE)],
        help_text="550, X.1.1 for every class, or 5.7.26 for one class only.",
    )
    code_class = models.ForeignKey(
        CodeClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        verbose_name="class",
        help_text="Empty only for codes that begin with X.",
    )
    class_digit = models.CharField(max_length=1, blank=True, editable=False)
    subject = models.ForeignKey(
        Subject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        help_text="Of enhanced codes only.",
    )
    # Its last number, to sort 5.1.2 before 5.1.10.
    number = models.PositiveSmallIntegerField(default=0, editable=False)
    label = models.CharField(max_length=160, help_text="The short official name.")
    in_brief = models.CharField(max_length=60, blank=True, help_text="What to do, in at most six words.")
    meaning = models.TextField(
        blank=True, help_text="One or two sentences for a person who knows nothing about mail."
    )
    precise = models.TextField(
        "precise sense", blank=True, help_text="For an administrator: who sends it, when."
    )
    other_uses = models.TextField(
        blank=True, help_text="What else it is used for, where the label does not tell the whole truth."
    )
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.REGISTERED)
    usual_digit = models.CharField(
        "usual class",
        max_length=1,
        blank=True,
        choices=[("2", "2"), ("4", "4"), ("5", "5")],
        help_text="For codes that begin with X: the class they are mostly met in.",
    )
    reference = models.CharField(max_length=120, blank=True, help_text="Such as RFC 5321 §4.2.3.")
    paired = models.ManyToManyField(
        "self",
        blank=True,
        help_text="Reply codes that usually come with this enhanced code, and the other way round.",
    )
    causes = models.ManyToManyField(Cause, through=CodeCause, related_name="codes")
    version = models.PositiveIntegerField(default=1, editable=False)
    objects = queries.CodeQuerySet.as_manager()
    history = history(m2m_fields=[causes], made=["class_digit", "number"])

    class Meta:
        ordering = ["registry", "kind", "subject", "number", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "value"],
                name="code_value_once",
                violation_error_message="This code is already in this registry.",
            ),
            models.CheckConstraint(
                condition=Q(value__glob="[A-Za-z0-9]*") & made_of("value", "A-Za-z0-9._-"),
                name="code_value_is_formed",
                violation_error_message=FORM_SENTENCE,
            ),
            models.CheckConstraint(
                condition=~Q(kind="enhanced") | like_any("value", ENHANCED_GLOBS),
                name="enhanced_code_is_formed",
                violation_error_message="An enhanced code looks like X.1.1, or like 5.7.26 for one class only.",
            ),
            models.CheckConstraint(
                condition=Q(value__startswith=F("class_digit")),
                name="code_in_its_class",
                violation_error_message="The first digit decides the class.",
            ),
            models.CheckConstraint(
                condition=Q(kind="reply", code_class__isnull=False, subject__isnull=True)
                | Q(kind="enhanced", subject__isnull=False),
                name="code_has_its_parts",
                violation_error_message="A reply code needs a class and no subject; an enhanced code needs a subject.",
            ),
            models.CheckConstraint(
                condition=Q(code_class__isnull=False)
                | Q(value__glob="X.*"),  # startswith is blind to case in SQLite
                name="code_without_class_is_general",
                violation_error_message="Only a code that begins with X stands in every class; give this one its class.",
            ),
            models.CheckConstraint(
                condition=~Q(value__in=["card", "comments"]),
                name="code_value_is_free",
                violation_error_message="“card” and “comments” are addresses and cannot be codes.",
            ),
            models.CheckConstraint(
                condition=Q(standing__in=["registered", "pairing", "nonstandard"]),
                name="code_standing_known",
                violation_error_message="Choose one of the standings offered.",
            ),
        ]

    def __str__(self):
        return f"{self.value} {self.label}"

    def get_absolute_url(self):
        return code_address(self.registry.slug, self.usual_value)

    @property
    def usual_value(self):
        """The value people meet: 5.1.1 for X.1.1."""
        return f"{self.usual_digit or '5'}{self.value[1:]}" if self.is_general else self.value

    def targets(self):
        return [CODES, *self.page_targets]

    @property
    def page_targets(self):
        """Its own pages: comments on X.1.1 stand on those of 2.1.1, 4.1.1 and 5.1.1."""
        return [f"code:{self.registry.slug}/{value}" for value in values.spoken(self.value)]

    @property
    def is_general(self):
        return self.value.startswith("X.")

    @property
    def tone(self):
        return self.code_class.tone if self.code_class else "any"

    @property
    def who_acts(self):
        """Its own roles, or those of its likeliest cause."""
        links = self.code_causes.all()
        return self.actors or (links[0].cause.actors if links else [])

    @property
    def to_do(self):
        """What to do in a few words: its own, or its likeliest cause's."""
        links = self.code_causes.all()
        return self.in_brief or (links[0].cause.in_brief if links else "")

    def clean(self):
        self.clean_value()
        if self.code_class and self.code_class.registry_id != self.registry_id:
            raise ValidationError({"code_class": "This class belongs to another registry."})
        if self.subject and self.subject.registry_id != self.registry_id:
            raise ValidationError({"subject": "This subject belongs to another registry."})
        if self.code_class and not self.value.startswith(self.code_class.digit):
            raise ValidationError(
                {
                    "code_class": f"{self.value} cannot sit in class {self.code_class.slug}; choose its class or change the code."
                }
            )
        if self.subject and values.subject_of(self.value) != self.subject.value:
            raise ValidationError(
                {"subject": f"{self.value} belongs to the subject {values.subject_of(self.value)}."}
            )
        self.derive()

    def clean_value(self):
        if self.kind == self.Kind.ENHANCED and not values.subject_of(self.value):
            raise ValidationError(
                {
                    "value": f"{self.value} is no enhanced code: those look like X.1.1, or 5.7.26 for one class."
                }
            )
        if CodeClass.objects.filter(registry=self.registry_id, slug=self.value).exists():
            raise ValidationError({"value": f"{self.value} is the address of a class of this registry."})

    def derive(self):
        self.class_digit = self.code_class.digit if self.code_class else ""
        last = self.value.rpartition(".")[2]
        self.number = int(last) if last.isascii() and last.isdecimal() and int(last) < 32768 else 0

    def save(self, **options):
        self.derive()
        if self.pk and not self._state.adding and self.words_changed():
            self.version += 1
        super().save(**options)

    def words_changed(self):
        return (
            Code.objects.filter(pk=self.pk)
            .exclude(**{name: getattr(self, name) for name in self.WORDS})
            .exists()
        )
