"""A code as a server speaks it. 5.1.1 has a record of its own or is X.1.1 read in class 5; 5.7.606 may have
none at all and is then answered from its subject and its class."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.db.models import Exists, OuterRef, Q

from kb.codes import values
from kb.codes.models import Code, CodeClass, Registry, Subject
from kb.delivery.addresses import code_address

# What the second digit of a reply code says (RFC 5321 §4.2.1)
SECOND_DIGITS = {
    "0": "The second digit, 0, says that it is about the form of the command.",
    "1": "The second digit, 1, says that it is an answer to a request for information.",
    "2": "The second digit, 2, says that it is about the connection.",
    "3": "The second digit, 3, has no meaning of its own in mail; servers use it around signing in.",
    "4": "The second digit, 4, has no meaning of its own in mail.",
    "5": "The second digit, 5, says that it is about the state of the receiving mail system.",
}


@dataclass(frozen=True)
class SpokenCode:
    registry: Registry
    value: str
    rows: tuple[Code, ...]
    subject: Subject | None
    code_class: CodeClass | None

    def __str__(self):
        return self.value

    def get_absolute_url(self):
        """That of the code as spoken: 4.1.1 and 5.1.1 have a page each."""
        return code_address(self.registry.slug, self.value)

    @property
    def record(self):
        """The row that comments, votes and history belong to; none for an unregistered code."""
        return self.rows[0] if self.rows else None

    @property
    def is_registered(self):
        return bool(self.rows)

    @property
    def is_enhanced(self):
        return self.subject is not None or values.is_enhanced(self.value)

    @property
    def label(self):
        return self.said("label") or self._fallback_name()

    @property
    def meaning(self):
        return self.said("meaning") or self._answered_from_its_parts("meaning")

    @property
    def precise(self):
        return self.said("precise") or self._answered_from_its_parts("precise")

    @property
    def in_brief(self):
        return self.said("in_brief")

    @property
    def other_uses(self):
        return self.said("other_uses")

    @property
    def reference(self):
        return self.said("reference") or self._part("reference")

    @property
    def second_digit(self):
        return SECOND_DIGITS.get(self.value[1], "") if values.is_reply(self.value) and not self.rows else ""

    def said(self, name):
        """What its records say under this name; the class's own row wins over X.s.d field by field."""
        return next((getattr(row, name) for row in self.rows if getattr(row, name)), "")

    @cached_property
    def causes(self):
        """Most likely first, of the first row that has any."""
        return next(
            (causes for row in self.rows if (causes := [link.cause for link in row.code_causes.all()])), []
        )

    @property
    def who_acts(self):
        """Its own roles, else those of its likeliest cause, else those of its subject or class."""
        sources = (*self.rows, *self.causes[:1], *((self.subject, self.code_class) if not self.rows else ()))
        return next((source.actors for source in sources if source and source.actors), [])

    @property
    def kin(self):
        """The same code in the other classes: 4.1.1 for 5.1.1."""
        if not values.is_enhanced(self.value):
            return []
        return [f"{digit}{self.value[1:]}" for digit in "245" if digit != self.value[0]]

    def _fallback_name(self):
        if self.subject:
            return self.subject.name
        return self.code_class.get_outcome_display() if self.code_class else self.value

    def _answered_from_its_parts(self, name):
        parts = (self.second_digit if name == "precise" else "", self.subject, self.code_class)
        return " ".join(part if isinstance(part, str) else getattr(part, name) for part in parts if part)

    def _part(self, name):
        return next((getattr(part, name) for part in (self.subject, self.code_class) if part), "")


@dataclass(frozen=True)
class Surroundings:
    """The records around one: those before and after it in its class or subject, and those it comes with."""

    before: Code | None = None
    after: Code | None = None
    paired: tuple[Code, ...] = ()


def surroundings(spoken):
    """One query for all of them; nothing for a code without a record."""
    record = spoken.record
    if record is None:
        return Surroundings()
    place = {"subject": record.subject_id} if record.subject_id else {"code_class": record.code_class_id}
    kin = Q(registry=spoken.registry, kind=record.kind, **place)
    rows = [row.pk for row in spoken.rows]
    pairs = Code.paired.through.objects.filter(from_code__in=rows, to_code=OuterRef("pk"))
    found = (
        Code.objects.annotate(is_paired=Exists(pairs))
        .filter(kin | Q(is_paired=True))
        .select_related("registry", "code_class")
        .order_by("number", "value")
    )
    line = [code for code in found if code.kind == record.kind]
    at = next(at for at, code in enumerate(line) if code.pk == record.pk)
    return Surroundings(
        before=line[at - 1] if at else None,
        after=line[at + 1] if at + 1 < len(line) else None,
        paired=tuple(
            sorted(
                (code for code in found if code.is_paired and _may_come_with(code, spoken)),
                key=lambda code: values.sort_key(code.value),
            )
        ),
    )


def _may_come_with(code, spoken):
    return code.is_general or spoken.code_class is None or code.code_class_id == spoken.code_class.pk


def speak(registry, value):
    """The code of this registry as spoken, or None for a value that is neither a record nor well formed."""
    rows = tuple(
        Code.objects.filter(registry=registry)
        .spoken_as(value)
        .select_related("registry", "code_class__registry", "subject__registry")
        .with_causes()
    )
    if not rows and not (values.is_reply(value) or values.is_enhanced(value)):
        return None
    code_class = next((row.code_class for row in rows if row.code_class), None) or _class_of(registry, value)
    subject = next((row.subject for row in rows if row.subject), None) or _subject_of(registry, value)
    if not rows and code_class is None:
        return None
    return SpokenCode(registry, value, rows, subject, code_class)


class WholeRegistry:
    """All codes of a registry in memory, for who speaks many: four queries, and none for a code."""

    def __init__(self, registry):
        self.registry = registry
        rows = Code.objects.filter(registry=registry).with_causes()
        rows = rows.select_related("registry", "code_class__registry", "subject__registry")
        self._rows = {row.value: row for row in rows}
        self._classes = {found.digit: found for found in registry.classes.all() if found.digit}
        self._subjects = {found.value: found for found in registry.subjects.all()}
        self.speak = lru_cache(maxsize=1024)(self._speak)

    def _speak(self, value):
        """As `speak` answers."""
        names = dict.fromkeys([value, values.general(value)])
        rows = tuple(self._rows[name] for name in names if name in self._rows)
        if not rows and not (values.is_reply(value) or values.is_enhanced(value)):
            return None
        code_class = next((row.code_class for row in rows if row.code_class), None) or self._classes.get(
            value[0]
        )
        subject = next((row.subject for row in rows if row.subject), None) or self._subjects.get(
            values.subject_of(value)
        )
        return SpokenCode(self.registry, value, rows, subject, code_class) if rows or code_class else None


def _class_of(registry, value):
    return next((found for found in registry.classes.all() if found.digit and found.digit == value[0]), None)


def _subject_of(registry, value):
    if not values.is_enhanced(value):
        return None
    return Subject.objects.filter(registry=registry, value=values.subject_of(value)).first()
