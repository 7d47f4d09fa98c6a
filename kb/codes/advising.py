"""What to do, sorted for a page: by the person reading it, a record's own advice before that of each cause."""

from dataclasses import dataclass, field

from django.db.models import Q

from kb.codes.acting import HEADINGS, STAFF_ROLES
from kb.codes.models import Advice, Cause, Wording
from kb.codes.models.advice import ADVICE_TARGETS
from kb.codes.spoken import SpokenCode
from kb.delivery.remembered import remembered


@dataclass
class Steps:
    """The advice for one role: the record's own, then each cause's, likeliest first."""

    role: str
    own: list[Advice] = field(default_factory=list)
    by_cause: list[tuple[Cause, Advice]] = field(default_factory=list)

    @property
    def heading(self):
        return HEADINGS[self.role]

    @property
    def for_staff(self):
        return self.role in STAFF_ROLES

    def __bool__(self):
        return bool(self.own or self.by_cause)


@dataclass(frozen=True)
class Grounds:
    """What one answer stands on. A role takes the first advice there is, from the wording down to the class."""

    wording: Wording | None = None
    cause: Cause | None = None
    enhanced: SpokenCode | None = None
    reply: SpokenCode | None = None

    def targets(self):
        """(kind, key) of everything that may hold its advice, in order."""
        yield from _named("wording", self.wording)
        yield from _named("cause", self.cause)
        spoken = [code for code in (self.enhanced, self.reply) if code]
        for code in spoken:
            yield from _named("code", *code.rows)
        yield from _named("subject", *(code.subject for code in spoken))
        yield from _named("code_class", *(code.code_class for code in spoken))


def advice_for(grounds, *, staff=False):
    """For each of these grounds its advice, a text for each role and in the order of the roles. One query for all."""
    orders = [list(dict.fromkeys(each.targets())) for each in grounds]
    targets = frozenset(target for order in orders for target in order)
    held = remembered(("advice", targets), lambda: _held_by(targets)) if targets else {}
    roles = [role for role in HEADINGS if staff or role not in STAFF_ROLES]
    return [[advice for role in roles if (advice := _first_held(held, order, role))] for order in orders]


def _held_by(targets):
    asked = Q(pk__in=())
    for kind in {kind for kind, _ in targets}:
        asked |= Q(**{f"{kind}__in": [key for named, key in targets if named == kind]})
    return {(*_target_of(advice), advice.role): advice for advice in Advice.objects.filter(asked)}


def _named(kind, *records):
    return ((kind, record.pk) for record in records if record)


def _target_of(advice):
    return next((kind, key) for kind in ADVICE_TARGETS if (key := getattr(advice, f"{kind}_id")))


def _first_held(held, order, role):
    return next((held[*target, role] for target in order if (*target, role) in held), None)


def causes_of(spoken, wordings):
    """Its own causes; for a code that has none, those of the wordings it comes with."""
    return spoken.causes or list(dict.fromkeys(wording.cause for wording in wordings if wording.cause))


def actors_of(spoken, causes):
    return spoken.who_acts or (causes[0].actors if causes else [])


def steps_for_code(spoken, causes, wordings=(), *, staff=False):
    """For a code page: one query for the code, its causes and its wordings, which get their `.advice_list`."""
    asked = _own_targets(spoken) | Q(cause__in=causes) | Q(wording__in=wordings)
    found = list(Advice.objects.filter(asked).select_related("cause"))
    for wording in wordings:
        wording.advice_list = [
            advice for advice in found if advice.wording_id == wording.pk and advice.role not in STAFF_ROLES
        ]
    return _sorted_by_role([advice for advice in found if not advice.wording_id], causes, staff)


def steps_for(target, *, staff=False):
    """For the page of a cause or a class: its own advice."""
    return _sorted_by_role(list(target.advice.all()), [], staff, own=True)


def _own_targets(spoken):
    """Its records; the subject and class speak only where there is no record."""
    if spoken.rows:
        return Q(code__in=spoken.rows)
    return Q(subject=spoken.subject, subject__isnull=False) | Q(
        code_class=spoken.code_class, code_class__isnull=False
    )


def _sorted_by_role(found, causes, staff, own=False):
    roles = [role for role in HEADINGS if staff or role not in STAFF_ROLES]
    steps = []
    for role in roles:
        mine = [advice for advice in found if advice.role == role]
        steps.append(
            Steps(
                role,
                own=[advice for advice in mine if own or not advice.cause_id],
                by_cause=[
                    (cause, advice)
                    for cause in causes
                    for advice in mine
                    if not own and advice.cause_id == cause.pk
                ],
            )
        )
    return [step for step in steps if step]
