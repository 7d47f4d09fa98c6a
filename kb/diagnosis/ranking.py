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
    agreement: int  # 2 its enhanced code was spoken, 1 its reply code or its code in another class, 0 neither
    contradicted: bool  # the enhanced code spoken is known, and never has this cause

    @property
    def is_sure(self) -> bool:
        return not self.contradicted and (self.agreement > 0 or not self.phrase.codes)


def candidate(phrase, spoken, place, speakers: list[Speaker], enhanced: SpokenCode | None) -> Candidate:
    agreement = _agreement(phrase, spoken)
    return Candidate(
        phrase,
        spoken,
        place,
        _owner(phrase, speakers, agreement),
        agreement,
        agreement < 2 and _is_contradicted(phrase, enhanced),
    )


def best_first(candidates: list[Candidate], matcher: Matcher) -> list[Candidate]:
    """The one that is meant stands first. A wording of the speaker beats one of anyone; then the codes decide,
    then which of two is the narrower by their samples, then the longer."""

    def rank(found: Candidate):
        narrower = sum(
            matcher.is_narrower(other.phrase, found.phrase)
            for other in candidates
            if other.place == found.place
        )
        return (
            found.place,
            found.owner,
            found.contradicted,
            -found.agreement,
            narrower,
            -found.phrase.length,
            found.phrase.pk,
        )

    return sorted(candidates, key=rank)


def _agreement(phrase: Phrase, spoken: Spoken | None) -> int:
    if spoken is None:
        return 0
    if spoken.status in phrase.codes:
        return 2
    return int(spoken.reply in phrase.codes or values.general(spoken.status) in phrase.general_codes)


def _is_contradicted(phrase: Phrase, enhanced: SpokenCode | None) -> bool:
    causes = {cause.pk for cause in enhanced.causes} if enhanced else set()
    return bool(causes) and phrase.cause not in causes


def _owner(phrase: Phrase, speakers: list[Speaker], agreement: int) -> int:
    if phrase.is_cue:
        return CUE
    if phrase.provider is None:
        return ANYONES
    heard = next((speaker for speaker in speakers if speaker.pk == phrase.provider), None)
    if heard:
        return ANYONES if heard.is_software else THEIRS
    return OTHERS if agreement or not phrase.codes else STRAY
