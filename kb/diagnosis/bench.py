"""The test bench: what a wording would match, win and lose among the samples of all, before it is saved."""

from dataclasses import dataclass, replace

from kb.codes.models import Wording
from kb.codes.patterns import PatternError, compiled
from kb.diagnosis.answers import Answer
from kb.diagnosis.book import Book, book
from kb.diagnosis.diagnosing import diagnose_reading
from kb.diagnosis.matching import UNSAVED, Matcher, phrase_of, plain
from kb.diagnosis.parse import read

MOST_SHOWN = 20


@dataclass(frozen=True)
class Tried:
    """One text on the bench: does the pattern match it, and what would be answered."""

    text: str
    matches: bool
    answer: Answer | None
    wins: bool  # the answer stands on the wording on trial

    @property
    def won_by(self) -> Wording | None:
        return self.answer.wording if self.answer else None


@dataclass(frozen=True)
class Collision:
    """A sample of another wording that this one would match too."""

    wording: Wording
    tried: Tried
    other_cause: bool

    @property
    def is_harmful(self) -> bool:
        return self.tried.wins and self.other_cause


@dataclass(frozen=True)
class Trial:
    """What comes of a wording as it stands in the form."""

    problem: str = ""
    own: tuple[Tried, ...] = ()
    collisions: tuple[Collision, ...] = ()
    lost: tuple[tuple[Wording, str], ...] = ()  # samples that the saved pattern matches and this one does not
    text: Tried | None = None
    answers_nothing: bool = False  # without a cause it is on pages only

    @property
    def missed(self) -> list[Tried]:
        return [tried for tried in self.own if not tried.matches]

    @property
    def harmful(self) -> list[Collision]:
        return [collision for collision in self.collisions if collision.is_harmful]

    @property
    def shown_collisions(self) -> tuple[Collision, ...]:
        return self.collisions[:MOST_SHOWN]

    @property
    def more_collisions(self) -> int:
        return max(0, len(self.collisions) - MOST_SHOWN)


def try_wording(wording: Wording, text: str = "", *, among: Book | None = None) -> Trial:
    """Saves nothing; `wording` may be new or hold unsaved changes."""
    try:
        compiled(wording.pattern)
    except PatternError as problem:
        return Trial(problem=str(problem))
    if not wording.pattern:
        return Trial(problem="Write a pattern first.")
    before = among or book()
    after = _with(before, wording)
    return Trial(
        own=tuple(_tried(wording, sample, after) for sample in wording.sample_list),
        collisions=_collisions(wording, before, after),
        lost=_lost(wording, before),
        text=_tried(wording, text, after) if text.strip() else None,
        answers_nothing=wording.cause_id is None,
    )


def _with(before: Book, wording: Wording) -> Book:
    """The book as it would be with this wording saved."""
    wordings = before.wordings | {wording.pk or UNSAVED: wording}
    phrases = [phrase_of(each) for each in wordings.values() if each.cause_id]
    return replace(before, wordings=wordings, matcher=Matcher(phrases))


def _tried(wording: Wording, text: str, after: Book) -> Tried:
    answer = diagnose_reading(read(text), after).best
    return Tried(
        text,
        matches=_matches(wording.pattern, text),
        answer=answer,
        wins=bool(answer and answer.wording is wording),
    )


def _collisions(wording: Wording, before: Book, after: Book) -> tuple[Collision, ...]:
    """The harmful first: samples that this wording would win for another cause."""
    found = [
        Collision(other, _tried(wording, sample, after), other.cause_id != wording.cause_id)
        for other in before.wordings.values()
        for sample in other.sample_list
        if other.pk != wording.pk and _matches(wording.pattern, sample)
    ]
    return tuple(
        sorted(found, key=lambda each: (not each.is_harmful, not each.tried.wins, not each.other_cause))
    )


def _lost(wording: Wording, before: Book) -> tuple[tuple[Wording, str], ...]:
    saved = before.wordings.get(wording.pk)
    if saved is None or saved.pattern == wording.pattern:
        return ()
    return tuple(
        (other, sample)
        for other in before.wordings.values()
        for sample in other.sample_list
        if _matches(saved.pattern, sample) and not _matches(wording.pattern, sample)
    )


def _matches(pattern: str, text: str) -> bool:
    try:
        return bool(compiled(pattern).search(plain(text)))
    except PatternError:  # a saved pattern written past the forms
        return False
