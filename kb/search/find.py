"""find(text) → Answer: the codes it names, exactly; then every record that has one of its words, the fullest first."""

import re
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kb.articles.models import Revision
from kb.codes.models import Cause, Code, Provider, Registry, Wording
from kb.codes.spoken import SpokenCode, speak
from kb.diagnosis.lines import codes_in
from kb.search.index import RANK, among, kind_and_record, snippet_sql
from kb.text.plain import excerpt

MOST_WORDS = 16
MOST_HITS = 200
MOST_CODES = 3
WORD = re.compile(r"\w+")
BEGIN, END = "\x02", "\x03"  # around found words, in SQLite's snippet
SNIPPET = snippet_sql(BEGIN, END)
KINDS = {
    "article": "Articles",
    "code": "Codes",
    "cause": "Causes",
    "provider": "Providers",
    "wording": "Wordings",
    "topic": "Topics",
}


@dataclass(frozen=True)
class Hit:
    kind: str
    title: str
    url: str
    snippet: SafeString
    trail: str = ""
    code: Code | None = None

    @property
    def kind_label(self):
        return KINDS[self.kind]


@dataclass(frozen=True)
class Answer:
    query: str
    codes: list[SpokenCode] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    @property
    def counts(self):
        return Counter(hit.kind for hit in self.hits)

    def of_kind(self, kind):
        return [hit for hit in self.hits if hit.kind == kind] if kind else self.hits


def find(text: str, *, user) -> Answer:
    """Never raises for anything a person may type."""
    query = _plain(text)
    return Answer(query, spoken_codes(query), _hits(query, user))


def find_words(text: str, *, user) -> list[Hit]:
    """The hits alone, for a page that has read the codes of the text itself."""
    return _hits(_plain(text), user)


def _plain(text):
    return " ".join(text.replace("\x00", " ").encode("utf-8", "ignore").decode().split())


def spoken_codes(text: str) -> list[SpokenCode]:
    """The codes a text names, as records of the default registry: the enhanced one of a pair says more, so it is first."""
    registry = Registry.objects.default()
    if registry is None:
        return []
    values = [value for pair in codes_in(text)[:MOST_CODES] for value in (pair.enhanced, pair.reply) if value]
    spoken = (speak(registry, value) for value in dict.fromkeys(values))
    return [code for code in spoken if code]


def _hits(query, user):
    words = list(dict.fromkeys(WORD.findall(query)))[:MOST_WORDS]
    if not words:
        return []
    quoted = [f'"{word}"' for word in words]
    all_words, any_word = (_matching(join.join(quoted), user) for join in (" AND ", " OR "))
    rows = {**all_words, **any_word}  # the order of the first: what has all words stands before what has some
    found = [(*kind_and_record(rowid), snippet) for rowid, snippet in rows.items()]
    return _as_hits(found, user)


def _matching(expression, user):
    """Row numbers with their snippets, best first. Revisions this person cannot read take no place from others."""
    readable, values = Revision.objects.readable_by(user).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, {SNIPPET} FROM search_index WHERE search_index MATCH %s "  # noqa: S608
            f"AND {among('article', readable)} ORDER BY {RANK} LIMIT {MOST_HITS}",
            [expression, *values],
        )
        return dict(cursor.fetchall())


def _as_hits(found, user):
    """The records behind rows, those that this person may see; one query a kind."""
    wanted = {kind: {record for of, record, _ in found if of == kind} for kind in KINDS}
    records = {kind: READERS[kind](pks, user) for kind, pks in wanted.items() if pks}
    hits = []
    for kind, pk, snippet in found:
        if pk in records[kind]:
            hits.append(AS_HIT[kind](records[kind][pk], _marked(snippet)))
    return hits


def _marked(snippet):
    return mark_safe(escape(snippet).replace(BEGIN, "<mark>").replace(END, "</mark>"))  # noqa: S308 (escaped before)


def _revisions(pks, user):
    readable = Revision.objects.readable_by(user).filter(pk__in=pks).without_text()
    return {revision.pk: revision for revision in readable.select_related("article__topic")}


READERS = {
    "article": _revisions,
    "code": lambda pks, user: Code.objects.select_related("registry", "code_class").in_bulk(pks),
    "cause": lambda pks, user: Cause.objects.in_bulk(pks),
    "provider": lambda pks, user: Provider.objects.in_bulk(pks),
    "wording": lambda pks, user: Wording.objects.select_related("provider", "cause").in_bulk(pks),
    "topic": lambda pks, user: Revision.objects.topics_open_to(user).in_bulk(pks),
}
AS_HIT = {
    "article": lambda revision, snippet: Hit(
        "article", revision.title, revision.article.get_absolute_url(), snippet, revision.article.topic.name
    ),
    "code": lambda code, snippet: Hit(
        "code", code.label, code.get_absolute_url(), snippet, code.registry.name, code
    ),
    "cause": lambda cause, snippet: Hit(
        "cause", cause.name, cause.get_absolute_url(), snippet, cause.in_brief
    ),
    "provider": lambda provider, snippet: Hit(
        "provider", provider.name, provider.get_absolute_url(), snippet, provider.get_kind_display()
    ),
    "wording": lambda wording, snippet: Hit(
        "wording",
        excerpt(wording.meaning, 100),
        wording.get_absolute_url(),
        snippet,
        str(wording.provider or ""),
    ),
    "topic": lambda topic, snippet: Hit("topic", topic.name, topic.get_absolute_url(), snippet),
}
