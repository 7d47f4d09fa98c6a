"""A query in an engine's own language. Words are letters and digits alone, so nothing in them can be an operator."""

from collections.abc import Callable
from dataclasses import dataclass

from kb.search.query import Phrase, Query


@dataclass(frozen=True)
class Operators:
    both: str
    either: str
    but_not: str
    phrase: Callable[[Phrase, bool], str]  # the words, and whether the last is only a beginning


def written(query: Query, operators: Operators, any_word: bool = False) -> str:
    """All that is wanted, or any of it; what is required and what is refused holds in both."""
    terms = [
        _either(
            [operators.phrase(phrase, query.is_prefix and term is query.wanted[-1]) for phrase in term],
            operators,
        )
        for term in query.wanted
    ]
    wanted = [_either(terms, operators)] if any_word and terms else terms
    asked = operators.both.join([*wanted, *(operators.phrase(phrase, False) for phrase in query.required)])
    if not query.refused:
        return asked
    refused = _either([operators.phrase(phrase, False) for phrase in query.refused], operators)
    return f"({asked}){operators.but_not}{refused}"


def _either(parts, operators):
    return f"({operators.either.join(parts)})"
