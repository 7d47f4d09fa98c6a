"""Which of several wordings in a text is meant: whose it is, whether the codes agree, which says more."""

from dataclasses import dataclass

from kb.codes import values
from kb.codes.spoken import SpokenCode
from kb.diagnosis.matching import Matcher, Phrase
from kb.diagnosis.reading import Spoken
from kb.diagnosis.speakers import Speaker

# Whose words a wording holds, the most telling first
THEIRS, ANYONES, OTHERS, CUE, STRAY = range(5)


@dataclass(frozen=True)
class Candidate:
    """A wording found, and what speaks for it."""

    phrase: Phrase
    spoken: Spoken | None
    place: int  # 0 in the words of the best code, then in the next, at last anywhere in the report
    owner: int
    is_heard: bool  # its provider is betrayed by marks
    agreement: int  # 2 its enhanced code was spoken, 1 its reply code or its code in another class, 0 neither
    contradicted: bool  # the enhanced code spoken is known, and never has this cause

    @property
    def standing(self) -> int:
        """Whose it is; but only the speaker's own words hold against the code beside them."""
        return STRAY if self.contradicted and self.owner != THEIRS else self.owner

    @property
    def is_sure(self) -> bool:
        return not self.contradicted and (self.agreement > 0 or not self.phrase.codes)


def candidate(phrase, spoken, place, speakers: list[Speaker], enhanced: SpokenCode | None) -> Candidate:
    agreement = _agreement(phrase, spoken)
    heard = next((speaker for speaker in speakers if speaker.pk == phrase.provider), None)
    return Candidate(
        phrase,
        spoken,
        place,
        _owner(phrase, heard, agreement),
        heard is not None,
        agreement,
        agreement < 2 and _is_contradicted(phrase, enhanced),
    )


def best_first(candidates: list[Candidate], matcher: Matcher) -> list[Candidate]:
    """The one that is meant stands first. A wording of the speaker beats one of anyone, and that a cue; one that the
    enhanced code cannot have comes last. Then the codes decide, then which is the narrower by its samples, then which
    is the rarer in samples of others, then which is the longer."""

    def rank(found: Candidate):
        narrower = sum(
            matcher.is_narrower(other.phrase, found.phrase)
            for other in candidates
            if other.place == found.place
        )
        return (
            found.place,
            found.standing,
            -found.agreement,
            narrower,
            matcher.commonness(found.phrase),
            -found.phrase.length,
            found.phrase.pk,
        )

    return sorted(candidates, key=rank)


def _agreement(phrase: Phrase, spoken: Spoken | None) -> int:
    if spoken is None:
        return 0
    if spoken.status in phrase.codes and (spoken.reply in phrase.codes or not _names_replies(phrase, spoken)):
        return 2
    return int(spoken.reply in phrase.codes or values.general(spoken.status) in phrase.general_codes)


def _names_replies(phrase: Phrase, spoken: Spoken) -> bool:
    return bool(spoken.reply) and any(map(values.is_reply, phrase.codes))


def _is_contradicted(phrase: Phrase, enhanced: SpokenCode | None) -> bool:
    """An exact code never has this cause; those that end in 0 say nothing exact."""
    exact = enhanced if enhanced and not enhanced.value.endswith(".0") else None
    causes = {cause.pk for cause in exact.causes} if exact else set()
    return bool(causes) and phrase.cause not in causes


def _owner(phrase: Phrase, heard: Speaker | None, agreement: int) -> int:
    if phrase.is_cue:
        return CUE
    if phrase.provider is None:
        return ANYONES
    if heard:
        return ANYONES if heard.is_software else THEIRS
    return OTHERS if _is_likely(phrase, agreement) else STRAY


def _is_likely(phrase: Phrase, agreement: int) -> bool:
    """Another provider's words count if they come with its code; a reply code is everybody's."""
    return agreement == 2 or not any(map(values.is_enhanced, phrase.codes))
