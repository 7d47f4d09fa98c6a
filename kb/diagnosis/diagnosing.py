"""From a reading to answers: down a ladder from the speaker's own words to the class of a code, naming the rung."""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from kb.codes.models import Cause, Provider, Wording
from kb.codes.spoken import SpokenCode
from kb.diagnosis import answers as rungs
from kb.diagnosis.answers import Answer, Diagnosis
from kb.diagnosis.book import Book
from kb.diagnosis.book import book as current_book
from kb.diagnosis.explaining import why
from kb.diagnosis.matching import Phrase, plain
from kb.diagnosis.parse import read
from kb.diagnosis.ranking import CUE, THEIRS, Candidate, best_first, candidate
from kb.diagnosis.reader.people import addresses_in
from kb.diagnosis.reading import Reading, Recipient, Spoken
from kb.diagnosis.speakers import Speaker

SILENT = {"auto-reply", "abuse-report"}
MOST_RECIPIENTS = 50  # a bounce to a list may name thousands; the page shows some
MOST_SAID = 8
MOST_LINES = 200
SHORT = 2000  # letters: a question or an error line, which may have no code at all


def diagnose(source: str | bytes) -> Diagnosis:
    """What happened, who must act and why: the answer to any text a person may have at hand."""
    return diagnose_reading(read(source))


def diagnose_reading(reading: Reading, book: Book | None = None) -> Diagnosis:
    """With another book than the one in use, it tells what would be answered."""
    if reading.nature in SILENT:
        return Diagnosis(reading)
    book = book or current_book()
    heard = book.speakers.heard_in(f"{reading.marks}\n{reading.words}")
    scene = _Scene(reading, book, heard)
    recipients = reading.recipients[:MOST_RECIPIENTS] or (Recipient("", ()),)
    drafts = [_draft(scene, recipient) for recipient in recipients]
    return Diagnosis(reading, tuple(_answer(draft, book) for draft in drafts if draft.says_something))


@dataclass(frozen=True)
class _Scene:
    """What the answers to one reading share."""

    reading: Reading
    book: Book
    speakers: list[Speaker]

    @cached_property
    def lines(self) -> list[tuple[str, set[str]]]:
        """Each with the addresses it names."""
        return [(line, _addresses_of(line)) for line in _lines_of(self.reading)]


@dataclass(frozen=True)
class _Draft:
    """What an answer is made from."""

    recipient: Recipient
    spoken: Spoken | None
    reply: SpokenCode | None
    enhanced: SpokenCode | None
    found: list[Candidate]
    users: list[Phrase]  # wordings that come with its enhanced code, where that has no record
    speaker: Speaker | None
    is_bounce: bool

    @property
    def says_something(self) -> bool:
        return bool(self.found or self.spoken or self.is_bounce)


def _draft(scene: _Scene, recipient: Recipient) -> _Draft:
    found = _candidates(scene, recipient)
    spoken = (found[0].spoken if found else None) or next(iter(recipient.said), None)
    enhanced = scene.book.speak(spoken.status) if spoken else None
    unlisted = enhanced.value if enhanced and not enhanced.is_registered else ""
    return _Draft(
        recipient,
        spoken,
        scene.book.speak(spoken.reply) if spoken else None,
        enhanced,
        found,
        scene.book.matcher.coming_with(unlisted),
        _speaker(scene, spoken),
        scene.reading.nature in {"bounce", "delayed"},
    )


def _candidates(scene: _Scene, recipient: Recipient) -> list[Candidate]:
    """The wordings in what was said about this recipient; if there are none, in all that was not said about another."""
    best = next(iter(recipient.said), None)
    texts = [(said, said.text) for said in recipient.said[:MOST_SAID]]
    found = [each for place, (said, text) in enumerate(texts) for each in _in_text(scene, text, said, place)]
    if not found:
        lines = _lines_about(scene, recipient)
        found = [each for line in lines for each in _in_text(scene, line, best, len(texts))]
    return best_first(found, scene.book.matcher)


def _lines_about(scene: _Scene, recipient: Recipient) -> list[str]:
    """Of whoever was told a code, without what was said about others; else anything may be meant for this one."""
    if not any(said.reply or said.status for said in recipient.said):
        return [line for line, _ in scene.lines]
    others = [other for other in scene.reading.recipients if other is not recipient]
    theirs = {said.text for other in others for said in other.said} - {said.text for said in recipient.said}
    names = {other.address.lower() for other in others}
    own = recipient.address.lower()
    return [line for line, named in scene.lines if line not in theirs and (own in named or not names & named)]


def _addresses_of(line: str) -> set[str]:
    return {address.lower() for address, *_ in addresses_in(line)}


def _lines_of(reading: Reading) -> list[str]:
    """All that servers said; of a short text that is no bounce by its form, all there is."""
    if reading.words:
        return reading.words.splitlines()[:MOST_LINES]
    return [reading.text] if reading.nature == "none" and len(reading.text) <= SHORT else []


def _in_text(scene: _Scene, text: str, said: Spoken | None, place: int) -> list[Candidate]:
    enhanced = scene.book.speak(said.status) if said else None
    return [
        candidate(phrase, said, place, scene.speakers, enhanced)
        for phrase in scene.book.matcher.found_in(plain(text))
    ]


def _speaker(scene: _Scene, spoken: Spoken | None) -> Speaker | None:
    """Who said it: betrayed by the words or their host, else by anything in the report; where several servers
    answered, that is only the program that wrote it."""
    near = f"{spoken.host} {spoken.text}".lower() if spoken else ""
    heard = [speaker for speaker in scene.speakers if not speaker.is_list]
    several = len(scene.reading.recipients) > 1
    anywhere = [speaker for speaker in heard if speaker.is_software or not several]
    return next((speaker for speaker in heard if speaker.place_in(near) >= 0), next(iter(anywhere), None))


def _answer(draft: _Draft, book: Book) -> Answer:
    first = draft.found[0] if draft.found else None
    wording = book.wordings[first.phrase.pk] if first else None
    rung = _rung(draft, first)
    likely = _likely(draft, book)
    return Answer(
        recipient=draft.recipient,
        spoken=draft.spoken,
        rung=rung,
        sure=_sure(rung, first, likely),
        why=why(rung, wording, draft.enhanced, draft.reply),
        wording=wording,
        cause=likely[0] if likely else None,
        provider=_provider(draft, first, wording, book),
        code=_code(rung, draft),
        reply=draft.reply,
        enhanced=draft.enhanced,
        causes=tuple(likely[1:]),
    )


def _provider(draft: _Draft, first: Candidate | None, wording: Wording | None, book: Book) -> Provider | None:
    """Who speaks: as the wording says if its provider was heard, else as the marks say."""
    if first and wording and first.is_heard:
        return wording.provider
    return book.providers[draft.speaker.pk] if draft.speaker else None


def _rung(draft: _Draft, first: Candidate | None) -> str:
    if first:
        return {THEIRS: rungs.BY_PROVIDER, CUE: rungs.BY_WORDS}.get(first.owner, rungs.BY_WORDING)
    if draft.users or _says_why(draft.enhanced):
        return rungs.BY_ENHANCED
    if draft.reply and draft.reply.is_registered:
        return rungs.BY_REPLY
    if draft.enhanced and draft.enhanced.is_registered:
        return rungs.BY_ENHANCED
    return rungs.BY_CLASS if draft.enhanced or draft.reply else rungs.BY_NOTHING


def _says_why(enhanced: SpokenCode | None) -> bool:
    """5.0.0 has a record, but says only that it failed; often the sending program filled it in."""
    return bool(enhanced and enhanced.is_registered and not enhanced.value.endswith(".0.0"))


def _likely(draft: _Draft, book: Book) -> list[Cause]:
    """The causes of the wordings found, or else of those that use the code; then those that both codes have, then
    those of the one that says more."""
    phrases = [each.phrase for each in draft.found] or draft.users
    by_words = [book.causes[phrase.cause] for phrase in phrases]
    enhanced, reply = (code.causes if code else [] for code in (draft.enhanced, draft.reply))
    both = [cause for cause in enhanced if cause in reply]
    return list(dict.fromkeys(chain(by_words, both, enhanced or reply)))


def _sure(rung: str, first: Candidate | None, likely: list[Cause]) -> str:
    if rung in {rungs.BY_PROVIDER, rungs.BY_WORDING}:
        return rungs.STRONG if first and first.is_sure else rungs.FAIR
    if rung == rungs.BY_WORDS:
        return rungs.WEAK if first and first.contradicted else rungs.FAIR
    if rung == rungs.BY_ENHANCED:
        return rungs.STRONG if len(likely) == 1 else rungs.FAIR
    return rungs.FAIR if rung == rungs.BY_REPLY and len(likely) == 1 else rungs.WEAK


def _code(rung: str, draft: _Draft) -> SpokenCode | None:
    """The code to open: the enhanced one, unless it says nothing or has no record where the reply code has one."""
    if (
        rung == rungs.BY_PROVIDER or draft.users or _says_why(draft.enhanced)
    ):  # a provider's own code needs no record
        return draft.enhanced or draft.reply
    known = [code for code in (draft.reply, draft.enhanced) if code and code.is_registered]
    return next(iter(known), draft.enhanced or draft.reply)
