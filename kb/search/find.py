"""find(text) → Answer: the codes it names, exactly; then every record that has one of its words, the fullest first."""

from collections import Counter
from dataclasses import dataclass

from django.db.models.expressions import RawSQL

from kb.articles.models import Revision
from kb.codes.models import Registry
from kb.codes.spoken import SpokenCode, speak
from kb.diagnosis.lines import codes_in
from kb.search.hits import KINDS, Hit, Hits
from kb.search.index import Asked
from kb.search.query import Query, parse, plain
from kb.search.sources import rows_of

MOST_HITS = 200
MOST_CODES = 3

__all__ = ["KINDS", "Answer", "Hit", "find", "find_words", "spoken_codes"]


@dataclass(frozen=True)
class Answer:
    query: str
    codes: list[SpokenCode]
    hits: Hits

    @property
    def counts(self) -> Counter[str]:
        return self.hits.counts

    def of_kind(self, kind: str) -> Hits:
        return self.hits.of_kind(kind)


def find(text: str, *, user) -> Answer:
    """Never raises for anything a person may type."""
    query = plain(text)
    return Answer(query, spoken_codes(query), find_words(query, user=user))


def find_words(text: str, *, user) -> Hits:
    """The hits alone, for a page that has read the codes of the text itself."""
    query = parse(plain(text))
    return Hits(_rows(query, user) if query else [], query, user)


def spoken_codes(text: str) -> list[SpokenCode]:
    """The codes a text names, as records of the default registry: the enhanced one of a pair says more, so it is first."""
    registry = Registry.objects.default()
    if registry is None:
        return []
    values = [value for pair in codes_in(text)[:MOST_CODES] for value in (pair.enhanced, pair.reply) if value]
    spoken = (speak(registry, value) for value in dict.fromkeys(values))
    return [code for code in spoken if code]


def _rows(query: Query, user) -> list[int]:
    """What has all words stands before what has some, and what has them in its title before the rest."""
    asked = Asked(query, readable_by(user))
    rows: dict[int, None] = {}
    for any_word in (False, True):
        for table in ("heads", "texts"):
            if len(rows) < MOST_HITS:
                rows |= dict.fromkeys(
                    row for row, _ in asked.ranked(table, any_word=any_word, most=MOST_HITS)
                )
    return list(rows)[:MOST_HITS]


def readable_by(user):
    """A condition: revisions this person cannot read take no place from others; each is asked about only when met."""

    def condition(row):
        readable = Revision.objects.readable_by(user).order_by().filter(pk=RawSQL(row, ()))  # noqa: S611
        sql, values = readable.values("pk").query.sql_with_params()
        return f"({row} > {rows_of('article')[1]} OR EXISTS ({sql}))", values

    return condition
