"""The piece of a text that says most about what was searched, with the words found marked."""

import re
from bisect import bisect_right

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kb.search.query import Phrase, Query, folded

LENGTH = 180
BEFORE = 40  # so much of it stands before the first word found
MOST_MATCHES = 200
ENDINGS = re.compile(r"(?:ations?|ings?|ers?|ed|es|ly|s|e|y)$")
END = r"[^\W_]{0,6}"


def pattern_of(query: Query) -> re.Pattern | None:
    """Finds the words of a query in all their forms; each thing that was asked for is a group.

    It begins with the first letters of them all, and what begins with another is passed over at ten times the speed.
    """
    terms = [*query.wanted, *((phrase,) for phrase in query.required)]
    if not terms:
        return None
    said = [[_said(phrase) for phrase in term] for term in terms]
    first = "".join(sorted({words[0] for term in said for words in term}))
    ways = (f"({'|'.join(f'(?<={words[0]}){words[1:]}' for words in term)})" for term in said)
    return re.compile(rf"[{first}](?<![^\W_][{first}])(?:{'|'.join(ways)})(?![^\W_])")


def marked(text: str, pattern: re.Pattern | None, length: int = LENGTH) -> SafeString:
    """Where most of it stands close together, else the beginning."""
    return piece(text, matches(text, pattern), length)


def piece(text: str, found: list[re.Match], length: int = LENGTH) -> SafeString:
    start = _best_start(found, length)
    begin = text.rfind(" ", 0, start) + 1 if start else 0
    end = text.find(" ", begin + length)
    end = len(text) if end < 0 else end
    words = _pieces(text, begin, end, found)
    return mark_safe(f"{'…' if begin else ''}{words}{'…' if end < len(text) else ''}")  # noqa: S308 (escaped piece by piece)


def stem(word: str) -> str:
    """Roughly what its forms have in common: enough to mark them, not to find them."""
    short = ENDINGS.sub("", word)
    return short if len(short) > 3 else word


def _said(phrase: Phrase):
    *first, last = (folded(word) for word in phrase)
    ending = f"{re.escape(stem(last))}{END}" if len(last) > 3 else re.escape(last)
    return r"[\W_]+".join([*(re.escape(word) for word in first), ending])


def matches(text: str, pattern: re.Pattern | None) -> list[re.Match]:
    if pattern is None:
        return []
    bare = folded(text).lower()
    found = pattern.finditer(bare if len(bare) == len(text) else text.lower())
    return [match for match, _ in zip(found, range(MOST_MATCHES), strict=False)]


def _best_start(found, length):
    """The place of the match from which on most different things are said, and most often."""
    best, most = 0, (0, 0)
    ends = [match.end() for match in found]
    for at, match in enumerate(found):
        beyond = bisect_right(ends, match.start() + length - BEFORE)
        near = [other.lastindex for other in found[at:beyond]]
        if (len(set(near)), len(near)) > most:
            best, most = max(match.start() - BEFORE, 0), (len(set(near)), len(near))
    return best


def _pieces(text, begin, end, found):
    out, at = [], begin
    for match in found:
        if match.start() >= at and match.end() <= end:
            out += [
                escape(text[at : match.start()]),
                f"<mark>{escape(match[0] and text[match.start() : match.end()])}</mark>",
            ]
            at = match.end()
    return "".join([*out, escape(text[at:end])])
