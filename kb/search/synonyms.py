"""Words that mean the same, as editors keep them: what was typed is also looked for in the other words of its group."""

from dataclasses import replace
from functools import lru_cache

from django.db import connection

from kb.search.query import Phrase, Query, telling, words_of

Ways = dict[Phrase, list[Phrase]]  # a phrase without plurals: all that mean the same


def widened(query: Query, ways: Ways | None = None) -> Query:
    """The query with every way of saying what it says, and without words that say little; quotes stay as they are.

    Who asks for many gives the `ways`, read once.
    """
    ways = all_ways() if ways is None else ways
    typed = [term[0] for term in query.wanted]
    wanted, at = [], 0
    while at < len(typed):
        length, others = _longest(typed[at:], ways)
        if others:
            said: Phrase = tuple(word for phrase in typed[at : at + length] for word in phrase)
            wanted.append(tuple(dict.fromkeys((said, *others))))
        else:
            wanted.append((typed[at],))
        at += length
    return telling(replace(query, wanted=tuple(wanted)))


def all_ways() -> Ways:
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM search_synonym ORDER BY id")
        return _ways(tuple(words for (words,) in cursor.fetchall()))


@lru_cache(4)  # they are read each time, and taken apart only when they are others
def _ways(groups: tuple[str, ...]) -> Ways:
    ways: Ways = {}
    for group in groups:
        phrases = [phrase for part in group.replace("\n", ",").split(",") if (phrase := words_of(part))]
        for phrase in phrases:
            ways.setdefault(_singular(phrase), []).extend(phrases)
    return ways


def _longest(typed, ways):
    """How many of the typed pieces together have other ways of saying, and these."""
    for length in range(min(len(typed), 5), 0, -1):
        said = tuple(word for phrase in typed[:length] for word in phrase)
        if others := ways.get(_singular(said)):
            return length, others
    return 1, []


def _singular(phrase: Phrase) -> Phrase:
    return tuple(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in phrase
    )
