"""Slips of the pen put right with the index's own words; never with a word that only hidden texts have."""

import re
from collections.abc import Callable

from kb.search.index import Asked
from kb.search.query import Query
from kb.search.reading import Condition
from kb.search.synonyms import Ways, all_ways, widened
from kb.search.words import known, near

MOST_TRIED = 4  # words of a query; more is a pasted sentence
FAR_COMMONER = 20


def corrected(text: str, typed: Query, condition: Condition) -> str:
    """The text with known words for those that stand nowhere; nothing if there is none to put right."""
    ways = all_ways()

    def right(word):
        return "" if _is_there(word, condition, ways) else _best(word, condition, ways)

    return _rewritten(text, typed, right)


def commoner(text: str, typed: Query, condition: Condition) -> str:
    """The text with far commoner words that are one slip away from rare ones: what may have been meant."""
    rows, ways = known(_single(typed)), all_ways()

    def right(word):
        best = _best(word, condition, ways)
        return best if best and known([best])[best] > FAR_COMMONER * rows.get(word, 1) else ""

    return _rewritten(text, typed, right)


def _rewritten(text: str, typed: Query, right: Callable[[str], str]) -> str:
    better = {word: found for word in _single(typed)[:MOST_TRIED] if (found := right(word))}
    if not better:
        return ""
    return re.sub(r"[^\W_]+", lambda match: better.get(match[0].lower(), match[0]), text)


def _single(typed):
    return [term[0][0] for term in typed.wanted if len(term[0]) == 1 and term[0][0].isalpha()]


def _best(word, condition, ways):
    return next((other for other in near(word) if _is_there(other, condition, ways)), "")


def _is_there(word, condition, ways: Ways):
    return Asked(widened(Query((((word,),),)), ways), condition).is_there()
