"""How a diagnosis stands on its page: recipients with the same answer together, advice by who is reading."""

from dataclasses import dataclass, field

from kb.codes.acting import REPLY, Role
from kb.codes.advising import advice_for
from kb.codes.models import Advice, CodeClass
from kb.diagnosis import answers as rungs
from kb.diagnosis import bottom_line
from kb.diagnosis.answers import Answer, Diagnosis
from kb.portal.marking import covered_pieces

MOST_GROUPS = 6
MOST_SHOWN = 8  # recipients of a group
# Who is reading, in their own words, and the roles whose advice they need
READERS = (
    ("sent", "I sent it", (Role.SENDER,)),
    ("receive", "I should receive it", (Role.RECIPIENT,)),
    ("server", "I run the mail server", (Role.SENDER_ADMIN, Role.RECIPIENT_ADMIN)),
)
SUPPORT = ("support", "I am support", (Role.STAFF, REPLY))
TONES = {"success": "ok", "delayed": "warn"}


@dataclass(frozen=True)
class ForReader:
    """What one of the people who may be reading should do."""

    slug: str
    label: str
    advice: list[Advice]


@dataclass
class Group:
    """One answer and all recipients it holds for."""

    answer: Answer
    retry: str
    recipients: list[str] = field(default_factory=list)
    readers: list[ForReader] = field(default_factory=list)

    @property
    def name(self):
        return bottom_line.name_of(self.answer)

    @property
    def meaning(self):
        return bottom_line.meaning_of(self.answer)

    @property
    def is_success(self):
        return bottom_line.outcome_of(self.answer) == CodeClass.Outcome.SUCCESS

    @property
    def is_guess(self):
        """Only the code speaks, and it may have several causes."""
        return bottom_line.stands_on_code(self.answer) and self.answer.cause is not None

    @property
    def code_class(self):
        code = self.answer.code
        return code.code_class if code else None

    @property
    def sure(self):
        return bottom_line.SURE[self.answer.sure]

    @property
    def unlisted(self):
        """The code spoken that is on no list, if there is one and no known wording explains it."""
        known = self.answer.wording or self.is_success
        spoken = (self.answer.enhanced, self.answer.reply)
        return None if known else next((code for code in spoken if code and not code.is_registered), None)

    @property
    def is_unread(self):
        """A bounce without a code, in words that nobody here knows."""
        return self.answer.rung == rungs.BY_NOTHING

    @property
    def has_advice(self):
        return any(reader.advice for reader in self.readers)

    @property
    def also(self):
        return self.answer.causes[:3]

    @property
    def shown_recipients(self):
        return [covered_pieces(address) for address in self.recipients[:MOST_SHOWN]]

    @property
    def more_recipients(self):
        return max(0, len(self.recipients) - MOST_SHOWN)


def groups_of(diagnosis: Diagnosis, *, staff: bool) -> list[Group]:
    """One query, for the advice of all of them."""
    groups: dict[tuple, Group] = {}
    for answer in diagnosis.answers:
        key = (answer.grounds, answer.rung, answer.provider)
        group = groups.setdefault(key, Group(answer, bottom_line.retry(answer, diagnosis)))
        if answer.recipient.address:
            group.recipients.append(answer.recipient.address)
    found = list(groups.values())[:MOST_GROUPS]
    for group, advice in zip(
        found, advice_for([group.answer.grounds for group in found], staff=staff), strict=True
    ):
        group.readers = [
            ForReader(slug, label, [one for one in advice if one.role in roles])
            for slug, label, roles in (*READERS, *([SUPPORT] if staff else []))
        ]
    return found


def outcome_of(answer: Answer) -> str:
    """How well it was answered, for the log of asks."""
    if answer.rung in {rungs.BY_CLASS, rungs.BY_NOTHING}:
        return "nothing"
    return "weak" if answer.sure == rungs.WEAK else "well"
