"""Whose words these are: the providers whose marks stand in a text."""

from collections.abc import Iterable
from dataclasses import dataclass

from kb.codes.models import Provider


@dataclass(frozen=True)
class Speaker:
    pk: int
    kind: str
    marks: tuple[str, ...]  # lower-cased

    @property
    def is_software(self) -> bool:
        """Software is known by its form, not its operator: anyone may run it."""
        return self.kind == Provider.Kind.SOFTWARE

    @property
    def is_list(self) -> bool:
        """A block list is named in an answer but never gives one."""
        return self.kind == Provider.Kind.BLOCKLIST

    def place_in(self, text: str) -> int:
        """Where its first mark stands, or -1."""
        return min((place for mark in self.marks if (place := text.find(mark)) >= 0), default=-1)


def speaker_of(provider: Provider) -> Speaker:
    return Speaker(provider.pk, provider.kind, tuple(mark.lower() for mark in provider.mark_list))


def heard_in(text: str, speakers: Iterable[Speaker]) -> list[Speaker]:
    """Who is betrayed by this text: mailbox providers and filters before software, lists last, and each kind in
    the order in which they are named."""
    lower = text.lower()
    found = [(speaker.place_in(lower), speaker) for speaker in speakers if speaker.marks]
    heard = [(place, speaker) for place, speaker in found if place >= 0]
    heard.sort(key=lambda one: (one[1].is_list, one[1].is_software, one[0]))
    return [speaker for _, speaker in heard]
