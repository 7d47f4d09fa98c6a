from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from kb.codes import queries, values
from kb.codes.acting import Acting, Role
from kb.codes.constraints import exactly_one
from kb.codes.markers import checked, rendered
from kb.codes.patterns import PatternError, compiled
from kb.codes.shipped import Shipped, history

ADVICE_TARGETS = ("cause", "code", "subject", "code_class", "wording")

TONES = {"success": "ok", "intermediate": "info", "transient": "warn", "permanent": "bad"}


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
                condition=~Q(slug="feed") & ~Q(slug__regex=r"^[0-9]"),
                name="registry_slug_is_free",
                violation_error_message="A registry’s address name cannot be “feed” and cannot begin with a digit.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("registry", args=[self.slug])


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
                condition=~Q(slug__in=["card", "comments"]) & ~Q(slug__regex=r"^[0-9]+$"),
                name="class_slug_is_free",
                violation_error_message="A class’s address name cannot be “card”, “comments” or a number.",
            ),
        ]

    def __str__(self):
        return f"{self.slug} {self.name}"

    def get_absolute_url(self):
        return reverse("codes_at", args=[self.registry.slug, self.slug])

    @property
    def tone(self):
        """The name of its colour and shape in the style sheet."""
        return TONES[self.outcome]

    @property
    def retries(self):
        """Whether a sending server tries again by itself."""
        return self.outcome == self.Outcome.TRANSIENT


class Subject(Shipped, Acting):
    """The second part of an enhanced code: X.1 addressing, X.2 mailbox and so on (RFC 3463)."""

    NATURAL = ("registry", "value")

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="subjects")
    value = models.CharField(
        max_length=8,
        validators=[RegexValidator(r"^X\.\d{1,3}$", "Write X, a dot and a number, such as X.7.")],
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
            )
        ]

    def __str__(self):
        return f"{self.value} {self.name}"

    def get_absolute_url(self):
        return f"{self.registry.get_absolute_url()}#{self.value}"


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

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("cause", args=[self.slug])


class CodeCause(models.Model):
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
        max_length=20, help_text="550, X.1.1 for every class, or 5.7.26 for one class only."
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
    number = models.PositiveSmallIntegerField(
        default=0, editable=False
    )  # its last number, to sort 5.1.2 before 5.1.10
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
                condition=Q(code_class__isnull=False) | Q(value__startswith="X."),
                name="code_without_class_is_general",
                violation_error_message="Only a code that begins with X stands in every class; give this one its class.",
            ),
            models.CheckConstraint(
                condition=~Q(value__in=["card", "comments"]),
                name="code_value_is_free",
                violation_error_message="“card” and “comments” are addresses and cannot be codes.",
            ),
        ]

    def __str__(self):
        return f"{self.value} {self.label}"

    def get_absolute_url(self):
        return reverse("codes_at", args=[self.registry.slug, self.usual_value])

    @property
    def usual_value(self):
        """The value people meet: 5.1.1 for X.1.1."""
        return f"{self.usual_digit or '5'}{self.value[1:]}" if self.is_general else self.value

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

    def derive(self):
        self.class_digit = self.code_class.digit if self.code_class else ""
        last = self.value.rpartition(".")[2]
        self.number = int(last) if last.isdigit() and int(last) < 32768 else 0

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

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("provider", args=[self.slug])

    def clean(self):
        checked("notes", self.notes)

    def save(self, **options):
        self.notes_html = rendered(self.notes).html
        super().save(**options)

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

    def get_absolute_url(self):
        """Where it stands: on its provider's page, or, if it is anyone's, on its cause's."""
        place = self.provider or self.cause
        return f"{place.get_absolute_url()}#wording-{self.pk}" if place else reverse("registries")

    @property
    def sample_list(self):
        return [sample.strip() for sample in self.samples.split("\n\n") if sample.strip()]

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
        super().save(**options)
        self.codes.all().delete()
        spoken = [*values.expand(self.reply_codes), *values.expand(self.enhanced_codes)]
        WordingCode.objects.bulk_create(WordingCode(wording=self, value=value) for value in spoken)


class WordingCode(models.Model):
    """One code a wording comes with, ranges spelled out; made on save."""

    wording = models.ForeignKey(Wording, models.CASCADE, related_name="codes")
    value = models.CharField(max_length=11, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wording", "value"], name="wording_code_once")]

    def __str__(self):
        return self.value


class Advice(Shipped):
    """What to do, for one person involved; or the reply that is ready to be sent to the customer."""

    NATURAL = (*ADVICE_TARGETS, "role")
    REPLY = "reply"
    ROLES = [*Role.choices, (REPLY, "Ready reply to the customer")]

    cause = models.ForeignKey(Cause, models.CASCADE, null=True, blank=True, related_name="advice")
    code = models.ForeignKey(Code, models.CASCADE, null=True, blank=True, related_name="advice")
    subject = models.ForeignKey(Subject, models.CASCADE, null=True, blank=True, related_name="advice")
    code_class = models.ForeignKey(
        CodeClass, models.CASCADE, null=True, blank=True, related_name="advice", verbose_name="class"
    )
    wording = models.ForeignKey(Wording, models.CASCADE, null=True, blank=True, related_name="advice")
    role = models.CharField(max_length=15, choices=ROLES)
    text = models.TextField(help_text="Markdown. A numbered list where there is an order.")
    html = models.TextField(blank=True, editable=False)
    objects = queries.AdviceQuerySet.as_manager()
    history = history(made=["html"])

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "advice"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(*ADVICE_TARGETS),
                name="advice_on_one_thing",
                violation_error_message="Choose exactly one of cause, code, subject, class and wording.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[target, "role"],
                    condition=Q(**{f"{target}__isnull": False}),
                    name=f"advice_once_a_role_{target}",
                    violation_error_message="There is advice for this role already. Change that one.",
                )
                for target in ADVICE_TARGETS
            ),
        ]

    def __str__(self):
        return f"{self.target}: {self.get_role_display()}"

    @property
    def target(self):
        return next((getattr(self, name) for name in ADVICE_TARGETS if getattr(self, f"{name}_id")), None)

    def clean(self):
        checked("text", self.text)

    def save(self, **options):
        self.html = rendered(self.text).html
        super().save(**options)
