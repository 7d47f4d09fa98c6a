"""What to do, sorted for a page: by the person reading it, a record's own advice before that of each cause."""

from dataclasses import dataclass, field

from django.db.models import Q

from kb.codes.acting import Role
from kb.codes.models import Advice, Cause

HEADINGS = {
    Role.SENDER: "If you sent it",
    Role.RECIPIENT: "If it was sent to you",
    Role.SENDER_ADMIN: "If you run the sending mail server",
    Role.RECIPIENT_ADMIN: "If you run the receiving mail server",
    Role.STAFF: "For our support",
    Advice.REPLY: "Say to the customer",
}
STAFF_ONLY = {Role.STAFF, Advice.REPLY}


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
        return self.role in STAFF_ONLY

    def __bool__(self):
        return bool(self.own or self.by_cause)


def steps_for_code(spoken, causes, *, staff=False):
    """For a code page: one query whatever the number of causes."""
    own = _own_targets(spoken)
    found = list(Advice.objects.filter(own | Q(cause__in=causes)).select_related("cause"))
    return _sorted_by_role(found, causes, staff)


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
    roles = [role for role in HEADINGS if staff or role not in STAFF_ONLY]
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
