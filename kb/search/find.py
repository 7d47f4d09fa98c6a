"""find(text) → Answer: the codes it names, exactly; then every record that has one of its words, the fullest first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kb.accounts import roles
from kb.articles.models import Topic
from kb.codes.spoken import SpokenCode
from kb.delivery.remembered import remembered
from kb.diagnosis.book import book
from kb.diagnosis.lines import codes_in
from kb.search import correcting
from kb.search.hits import Hit, Hits
from kb.search.index import TIERS, Asked
from kb.search.query import Query, parse, plain
from kb.search.reading import within
from kb.search.records import KINDS
from kb.search.shown import TopicFound, topics_of
from kb.search.sources import number, those_of
from kb.search.synonyms import widened
from kb.search.words import known

MOST_HITS = 200
MOST_CODES = 3
ENOUGH = 20  # with so many that have all words, those that have only some are not looked for
MANY = 2000  # a word that stands in more rows finds everything; where a rarer one was typed too, that one is looked for

__all__ = ["KINDS", "Answer", "Hit", "find", "find_words", "spoken_codes"]


@dataclass(frozen=True)
class Found:
    """`read_as` is what was looked for instead, where a word of the query stands nowhere; `meant` may have been meant."""

    rows: Sequence[int]
    query: Query
    read_as: str = ""
    meant: str = ""

    @cached_property
    def topics(self) -> list[TopicFound]:
        """The topics that the articles found stand in, each with how many, the fullest first."""
        return topics_of(those_of("article", self.rows))  # whose numbers are those of their words


@dataclass(frozen=True)
class Answer:
    query: str
    hits: Hits
    found: Found
    codes: list[SpokenCode]

    @property
    def read_as(self) -> str:
        return self.found.read_as

    @property
    def meant(self) -> str:
        return self.found.meant

    @property
    def topics(self) -> list[TopicFound]:
        return self.found.topics

    @cached_property
    def counts(self) -> Counter[str]:
        return self.hits.counts

    @property
    def is_full(self) -> bool:
        """Whether there may be more than are counted."""
        return len(self.hits) == MOST_HITS

    def of_kind(self, kind: str) -> Hits:
        return self.hits.of_kind(kind)


def find(text: str, *, user, kind: str = "", topic: Topic | None = None) -> Answer:
    """Never raises for anything a person may type. With a kind or a topic, only what is of it."""
    text = plain(text)
    found = _remembered(text, user, kind, topic)
    codes = spoken_codes(text)
    # The codes themselves lead already.
    named = {number("code", row.pk) for code in codes for row in code.rows}
    rows = [row for row in found.rows if row not in named]
    return Answer(text, Hits(rows, found.query, user), found, codes)


def find_words(text: str, *, user, is_pasted: bool = False) -> Hits:
    """The hits alone, for a page that reads the codes itself; what is pasted, machines wrote without slips of the pen."""
    found = _found(plain(text), within(user), mends=not is_pasted)
    return Hits(found.rows, found.query, user)


def spoken_codes(text: str) -> list[SpokenCode]:
    """The codes a text names, as records of the default registry: the enhanced one of a pair says more, so it is first."""
    values = [value for pair in codes_in(text)[:MOST_CODES] for value in (pair.enhanced, pair.reply) if value]
    if not values:
        return []
    speak = book().speak
    return [code for value in dict.fromkeys(values) if (code := speak(value))]


def _remembered(text, user, kind, topic):
    """Agents and those above them find the same."""
    key = ("search", text, min(roles.role_of(user), roles.AGENT), kind, topic and topic.pk)
    return remembered(key, lambda: _found(text, within(user, kind, topic)))


def _found(text, condition, mends=True):
    """With slips put right where nothing has all the words; what may be meant instead where little has them."""
    typed = parse(text)
    if not typed:
        return Found([], typed)
    query = widened(typed)
    rows, read_as = _all_words(query, condition), ""
    meant = correcting.commoner(text, typed, condition) if mends and 0 < len(rows) < 3 else ""
    if mends and not rows and (right := correcting.corrected(text, typed, condition)):
        read_as, query = right, widened(parse(right))
        rows = _all_words(query, condition)
    if len(rows) < ENOUGH:
        rows = _any_word(query, condition, rows)
    return Found(rows[:MOST_HITS], query, read_as, meant)


def _all_words(query: Query, condition) -> list[int]:
    """What has them in its title and labels stands before the rest."""
    return _tiers(Asked(query, condition), [], any_word=False)


def _any_word(query: Query, condition, rows: list[int]) -> list[int]:
    """After the rows that have them all."""
    if len(query.wanted) < 2:
        return rows
    return _tiers(Asked(_telling(query), condition), rows, any_word=True)


def _tiers(asked, before, *, any_word):
    """Where a page is full already, what is behind it is only listed: to weigh it costs most of a search."""
    rows = dict.fromkeys(before)
    for tier in TIERS:
        if len(rows) < ENOUGH:
            rows |= dict.fromkeys(row for row, _ in asked.ranked(tier, any_word=any_word, most=MOST_HITS))
        elif len(rows) < MOST_HITS:
            rows |= dict.fromkeys(asked.listed(tier, any_word=any_word, most=MOST_HITS))
    return list(rows)


def _telling(query):
    """Without the words that are in very many rows, if there is a rarer one."""
    rows = known({term[0][0] for term in query.wanted})
    rare = tuple(term for term in query.wanted if rows.get(term[0][0], 0) <= MANY)
    return replace(query, wanted=rare) if rare else query
