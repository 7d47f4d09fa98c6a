"""What was found, as pages show it: the records behind the rows, read only for the rows that are shown."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from kb.articles.models import Revision, Topic
from kb.codes.models import Cause, Code, Provider, Wording
from kb.search.query import Query
from kb.search.snippets import matches, pattern_of, piece
from kb.search.sources import kind_and_record
from kb.text.plain import excerpt


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


@dataclass(frozen=True)
class Kind:
    """How the records of a kind are read, and what a hit says of one."""

    label: str
    records: Callable[[set[int], Any], dict[int, Any]]
    any: Callable[[set[int]], Any]  # whoever may read them
    title: Callable[[Any], str]
    body: Callable[[Any], str]
    trail: Callable[[Any], str] = lambda record: ""
    url: Callable[[Any], str] = lambda record: record.get_absolute_url()


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
        return Counter(kind_and_record(row)[0] for row in self.rows)

    def of_kind(self, kind: str) -> "Hits":
        rows = [row for row in self.rows if kind_and_record(row)[0] == kind] if kind else self.rows
        return Hits(rows, self.query, self.user)

    def _read(self, rows):
        """One query a kind."""
        found = [kind_and_record(row) for row in rows]
        wanted = {kind: {record for of, record in found if of == kind} for kind, _ in found}
        records = {kind: KINDS[kind].records(pks, self.user) for kind, pks in wanted.items()}
        pattern = pattern_of(self.query)
        return [_hit(kind, records[kind][pk], pattern) for kind, pk in found if pk in records[kind]]


def _hit(kind, record, pattern):
    of = KINDS[kind]
    title = of.title(record)
    body = of.body(record)
    in_title, in_body = matches(title, pattern), matches(body, pattern)
    return Hit(
        kind,
        title,
        of.url(record),
        snippet=piece(body, in_body) if body else piece(title, in_title),
        trail=of.trail(record),
        code=record if kind == "code" else None,
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


def _revisions(pks, user):
    readable = Revision.objects.readable_by(user).filter(pk__in=pks).defer("body", "html")
    return {revision.pk: revision for revision in readable.select_related("article__topic").order_by()}


def _said(*names):
    return lambda record: " ".join(text for name in names if (text := getattr(record, name)))


KINDS = {
    "article": Kind(
        "Articles",
        _revisions,
        lambda pks: Revision.objects.filter(pk__in=pks).defer("body", "html").order_by(),
        title=lambda revision: revision.title,
        body=lambda revision: revision.plain or revision.summary,
        trail=lambda revision: revision.article.topic.name,
        url=lambda revision: revision.article.get_absolute_url(),
    ),
    "code": Kind(
        "Codes",
        lambda pks, user: Code.objects.select_related("registry", "code_class").in_bulk(pks),
        lambda pks: Code.objects.filter(pk__in=pks),
        title=lambda code: code.label,
        body=_said("meaning", "precise", "other_uses"),
        trail=lambda code: code.registry.name,
    ),
    "cause": Kind(
        "Causes",
        lambda pks, user: Cause.objects.in_bulk(pks),
        lambda pks: Cause.objects.filter(pk__in=pks),
        title=str,
        body=_said("meaning", "how_to_tell"),
        trail=lambda cause: cause.in_brief,
    ),
    "provider": Kind(
        "Providers",
        lambda pks, user: Provider.objects.in_bulk(pks),
        lambda pks: Provider.objects.filter(pk__in=pks),
        title=str,
        body=_said("summary"),
        trail=lambda provider: provider.get_kind_display(),
    ),
    "wording": Kind(
        "Wordings",
        lambda pks, user: Wording.objects.select_related("provider", "cause").in_bulk(pks),
        lambda pks: Wording.objects.filter(pk__in=pks),
        title=lambda wording: excerpt(wording.meaning, 100),
        body=_said("samples"),
        trail=lambda wording: str(wording.provider or ""),
    ),
    "topic": Kind(
        "Topics",
        lambda pks, user: Topic.objects.in_bulk(
            pks
        ),  # `reading.open_to` left out those that are not for this person
        lambda pks: Topic.objects.filter(pk__in=pks),
        title=str,
        body=_said("summary"),
    ),
}
