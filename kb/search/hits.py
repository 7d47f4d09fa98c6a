"""What was found, as pages show it: the records behind the rows, read only for the rows that are shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from kb.codes.models import Code
from kb.search.query import Query
from kb.search.records import KINDS, read
from kb.search.snippets import matches, pattern_of, piece
from kb.search.sources import counted, kind_and_record, those_of


@dataclass(frozen=True)
class Hit:
    kind: str
    title: str
    url: str
    snippet: SafeString
    trail: str = ""
    code: Code | None = None
    why: str = ""

    @property
    def kind_label(self):
        return KINDS[self.kind].label

    @property
    def about(self) -> str:
        """What it is, where it stands, and where it has what was asked: in a line."""
        place = " » ".join(filter(None, (self.kind_label, self.trail)))
        return f"{place} · {self.why}" if self.why else place


class Hits(Sequence):
    """The best first. Rows whose record is gone, or is not for this person, are no hits."""

    def __init__(self, rows: Sequence[int], query: Query, user):
        self.rows, self.query, self.user = rows, query, user

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return self._read(self.rows[at])
        return self._read([self.rows[at]])[0]

    def __iter__(self):
        return iter(self[:])

    @property
    def counts(self) -> Counter[str]:
        return counted(self.rows)

    def of_kind(self, kind: str) -> "Hits":
        return Hits(those_of(kind, self.rows), self.query, self.user) if kind else self

    def _read(self, rows):
        """One query a kind."""
        found = [kind_and_record(row) for row in rows]
        wanted = {kind: {record for of, record in found if of == kind} for kind, _ in found}
        records = {kind: read(kind, pks, self.user) for kind, pks in wanted.items()}
        pattern = pattern_of(self.query)
        return [_hit(kind, records[kind][pk], pattern) for kind, pk in found if pk in records[kind]]


def _hit(kind, record, pattern):
    in_title, in_body = matches(record.title, pattern), matches(record.body, pattern)
    return Hit(
        kind,
        record.title,
        record.url,
        snippet=piece(record.body, in_body) if record.body else piece(record.title, in_title),
        trail=record.trail,
        code=record.code,
        why=_why(pattern, in_title, in_body),
    )


def _why(pattern, in_title, in_body):
    """Where it has what was asked; what it is found by and never shows is not told."""
    if pattern is None:
        return ""
    title, body = ({match.lastindex for match in found} for found in (in_title, in_body))
    if len(title) == pattern.groups:
        return "In its title"
    if len(title | body) == pattern.groups:
        return "In its text"
    return "In part" if title | body else "By its keywords"
