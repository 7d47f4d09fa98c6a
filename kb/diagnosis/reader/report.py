"""The fields of a delivery report (RFC 3464), wherever in a text they stand: per recipient what happened to it."""

import re
from dataclasses import dataclass
from itertools import islice

from kb.diagnosis.reader.normal import folded

NAMES = (
    "final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta|last-attempt-date"
    "|final-log-id|will-retry-until|reporting-mta|arrival-date|received-from-mta|dsn-gateway|original-envelope-id"
    "|x-[a-z-]{1,40}|localized-diagnostic"
)
IN_LINES = re.compile(rf"(?m)^[ ]{{0,8}}(?:(?P<name>{NAMES})|[a-z][a-z0-9-]{{2,40}}) ?:(?!//)", re.IGNORECASE)
IN_ONE_LINE = re.compile(rf"(?:^|(?<=\s))(?P<name>{NAMES}) ?:(?=\s|[a-z0-9])", re.IGNORECASE)
IS_REPORT = re.compile(
    r"(?:^|\s)(?:final-recipient|diagnostic-code|reporting-mta|remote-mta) ?:", re.IGNORECASE
)
EMPTY_LINE = re.compile(r"\n(?:[^\S\n]*+\n)++")
ADDRESS = re.compile(r"[^\s<>;,\"]{1,200}@[^\s<>;,\"]{1,200}")
KIND = re.compile(r"\s?(?:[a-z0-9-]{1,20}) ?; ?", re.IGNORECASE)
OF_A_RECIPIENT = {
    "final-recipient",
    "original-recipient",
    "x-actual-recipient",
    "action",
    "status",
    "diagnostic-code",
    "remote-mta",
}
OPENING = {"original-recipient", "x-actual-recipient", "action"}
TELLING = {"final-recipient", "status", "diagnostic-code"}
MOST_FIELDS = 2000


@dataclass(frozen=True)
class Field:
    name: str  # in small letters
    start: int  # of the value, in the whole text
    end: int


@dataclass
class Group:
    """What a report says of one recipient."""

    fields: dict[str, Field]
    text: str

    def value(self, name: str) -> str:
        found = self.fields.get(name)
        return folded(self.text[found.start : found.end]) if found else ""

    @property
    def address(self) -> str:
        for name in ("x-actual-recipient", "final-recipient", "original-recipient"):
            if match := ADDRESS.search(self.value(name)):
                return match[0]
        return KIND.sub("", self.value("final-recipient")).strip("<> ")[:200]

    @property
    def addresses(self) -> set[str]:
        names = ("x-actual-recipient", "final-recipient", "original-recipient")
        return {address.lower() for name in names for address in ADDRESS.findall(self.value(name))}

    @property
    def host(self) -> str:
        return KIND.sub("", self.value("remote-mta")).partition(" ")[0].strip("[]().").lower()


def is_report(text: str) -> bool:
    return bool(IS_REPORT.search(text))


def fields_of(text: str, start: int = 0, end: int | None = None) -> list[Field]:
    """The fields between two places. A value goes on to the next field or empty line."""
    end = len(text) if end is None else end
    matches = _fields_in(IN_LINES, text, start, end)
    if sum(1 for match in matches if match["name"]) < 2:
        matches = _fields_in(IN_ONE_LINE, text, start, end)
    ends = [match.start() for match in matches[1:]] + [end]
    found = []
    for match, limit in zip(matches, ends, strict=False):  # none where there is no match
        if match["name"]:
            gap = EMPTY_LINE.search(text, match.end(), limit)
            found.append(Field(match["name"].lower(), match.end(), gap.start() if gap else limit))
    return found


def _fields_in(pattern, text, start, end):
    return list(islice(pattern.finditer(text, start, end), MOST_FIELDS))


def groups_of(text: str, fields: list[Field]) -> list[Group]:
    """The fields by recipient: a new one begins where a name comes again, or with a name after an empty line."""
    groups: list[Group] = []
    current: dict[str, Field] = {}
    last_end = 0
    for field in (field for field in fields if field.name in OF_A_RECIPIENT):
        opens = field.name in OPENING and "final-recipient" in current
        if field.name in current or (opens and EMPTY_LINE.search(text, last_end, field.start)):
            groups.append(Group(current, text))
            current = {}
        current[field.name] = field
        last_end = field.end
    return [group for group in [*groups, Group(current, text)] if group.fields.keys() & TELLING]
