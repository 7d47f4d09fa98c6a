"""Which wordings stand in a text, and which of two that do says more. All patterns are tried in one pass."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import re2

from kb.codes import values
from kb.codes.models import Wording
from kb.codes.patterns import OPTIONS, PatternError, compiled

UNSAVED = 0  # the key of a wording on the test bench
MOST_TEXT = 16 * 1024  # a server's words are some lines; what is longer holds them in its first part
CODE_AGAIN = re.compile(r"(?<=\s)([245]\d\d)[- ](?:#?[245]\.\d{1,3}\.\d{1,3}\s)?")
CONTINUED = re.compile(r"\b([245]\d\d)-")
META = re.compile(r"\\.|\(\?[a-z]*:?|\{[^}]*\}|\[[^]]*\]|[().*+?|^$]")


@dataclass(frozen=True)
class Phrase:
    """A wording as the matcher keeps it; of the record no more than decides."""

    pk: int
    pattern: str
    samples: tuple[str, ...]
    provider: int | None
    cause: int
    codes: frozenset[str]

    @cached_property
    def general_codes(self) -> frozenset[str]:
        return frozenset(values.general(code) for code in self.codes)

    @cached_property
    def length(self) -> int:
        """How many letters it asks for: a long phrase is less likely to stand there by chance."""
        return max(len(META.sub("", branch)) for branch in self.pattern.split("|"))

    @property
    def is_cue(self) -> bool:
        """Words that point to a cause whoever says them and whatever code stands beside them."""
        return self.provider is None and not self.codes


def plain(text: str) -> str:
    """A server's words on one line, without the code that each line of a long answer repeats."""
    line = " ".join(text[:MOST_TEXT].split()).encode("utf-8", "replace").decode()
    repeated = {found[1] for found in CONTINUED.finditer(line)}
    return CODE_AGAIN.sub(lambda found: "" if found[1] in repeated else found[0], line) if repeated else line


class Matcher:
    """Every wording that has a cause, ready to be searched for."""

    def __init__(self, phrases: Iterable[Phrase]):
        self.phrases = [phrase for phrase in phrases if _can_be_read(phrase.pattern)]
        self._filter = _filter_of(phrase.pattern for phrase in self.phrases)
        self._in_samples = {phrase.pk: self._found_in_samples_of(phrase) for phrase in self.phrases}
        self._broader = self._find_broader()
        self._common = self._count()
        self._by_code: dict[str, list[Phrase]] = {}
        for phrase in self.phrases:
            for code in filter(values.is_enhanced, phrase.codes):
                self._by_code.setdefault(code, []).append(phrase)

    def found_in(self, text: str) -> list[Phrase]:
        """The wordings in this text (one that went through `plain`)."""
        return [self.phrases[at] for at in self._places(text)]

    def coming_with(self, code: str) -> list[Phrase]:
        """Whose enhanced code this is, for one that no registry explains."""
        return self._by_code.get(code, [])

    def is_narrower(self, phrase: Phrase, other: Phrase) -> bool:
        """True if the other stands in all samples of this one, and this one not in all of the other's."""
        return other.pk in self._broader[phrase.pk]

    def _places(self, text: str) -> list[int]:
        return sorted(self._filter.Match(text) or ()) if self.phrases else []

    def commonness(self, phrase: Phrase) -> int:
        """In the samples of how many other wordings it stands: what stands in many says little in any."""
        return self._common[phrase.pk]

    def _find_broader(self) -> dict[int, set[int]]:
        shared = {pk: set.intersection(*found) if found else set() for pk, found in self._in_samples.items()}
        return {
            pk: {other for other in others if other != pk and pk not in shared[other]}
            for pk, others in shared.items()
        }

    def _count(self) -> Counter[int]:
        return Counter(pk for found in self._in_samples.values() for pk in set().union(*found))

    def _found_in_samples_of(self, phrase: Phrase) -> list[set[int]]:
        return [{other.pk for other in self.found_in(plain(sample))} for sample in phrase.samples]


def phrase_of(wording: Wording) -> Phrase:
    codes = frozenset([*_expanded(wording.reply_codes), *_expanded(wording.enhanced_codes)])
    return Phrase(
        wording.pk or UNSAVED,
        wording.pattern,
        tuple(wording.sample_list),
        wording.provider_id,
        wording.cause_id,
        codes,
    )


def _expanded(codes: str) -> list[str]:
    try:
        return values.expand(codes)
    except ValueError:  # written past the forms: it names no code
        return []


def _can_be_read(pattern: str) -> bool:
    try:
        return bool(compiled(pattern))
    except PatternError:
        return False


def _filter_of(patterns: Iterable[str]):
    """Looks for the fixed letters of all patterns in one pass, then only for the patterns whose letters are there."""
    every = re2.Filter()
    for pattern in patterns:
        every.Add(pattern, OPTIONS)
    every.Compile()
    return every
