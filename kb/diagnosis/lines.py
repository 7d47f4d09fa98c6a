"""Codes in a pasted line: which ones it names, and where they stand. Says nothing about what they mean."""

import re
from dataclasses import dataclass

LONGEST_QUESTION = 60
# No part of a longer number (in any script), an address, a version or a size.
REPLY = r"(?<![\d.,:/\[#x-])[2-5][0-5][0-9](?![\d/\]]|[.,:]\d|\s?(?:[KMG]i?B|bytes|ms|s|sec|seconds|minutes|hours|days|recipients|messages)\b)"
ENHANCED = r"(?<![\d.])[245]\.[0-9]{1,3}\.[0-9]{1,3}(?!\.?\d)"
PAIR = re.compile(rf"(?P<reply>{REPLY})(?:[ \-#:(]{{1,3}}|, b')(?P<enhanced>{ENHANCED})")
ALONE = re.compile(rf"(?P<enhanced>{ENHANCED})|(?P<reply>{REPLY})")
BARE = re.compile(rf"{REPLY}(?:[ -]#?{ENHANCED})?|#?{ENHANCED}")
NOT_A_QUESTION = re.compile(r"\d{3}|@|\d+\.\d+\.\d+\.\d+|\b[a-z0-9-]+\.[a-z]{2,}\b", re.IGNORECASE)


@dataclass(frozen=True)
class SpokenPair:
    """A reply code with its enhanced code, or one of the two, and its place in the text."""

    reply: str
    enhanced: str
    start: int
    end: int


def codes_in(text: str) -> list[SpokenPair]:
    """The codes of a text in the order they stand, each pair once: as `550 5.1.1`, or else alone."""
    matches = list(PAIR.finditer(text))
    taken = {match.start(group) for match in matches for group in ("reply", "enhanced")}
    matches += [match for match in ALONE.finditer(text) if match.start() not in taken]
    once: dict[tuple[str, str], SpokenPair] = {}
    for match in sorted(matches, key=re.Match.start):
        found = _found(match)
        once.setdefault((found.reply, found.enhanced), found)
    return list(once.values())


def is_plain_question(text: str) -> bool:
    """A short line for the search page: a bare code or pair, or words without anything private or code-like."""
    line = " ".join(text.split())
    if len(line) > LONGEST_QUESTION or "\n" in text.strip():
        return False
    return bool(BARE.fullmatch(line)) or not NOT_A_QUESTION.search(line)


def _found(match: re.Match) -> SpokenPair:
    groups = match.groupdict()
    return SpokenPair(groups["reply"] or "", groups["enhanced"] or "", match.start(), match.end())
