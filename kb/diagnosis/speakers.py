"""Whose words these are: the providers whose marks stand in a text."""

from collections.abc import Iterable
from dataclasses import dataclass

import re2

from kb.codes.models import Provider

MEMORY = 64 << 20  # bytes that RE2 may use: enough for ten thousand marks


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


class Speakers:
    """All of them; which marks stand in a text is asked in one pass."""

    def __init__(self, speakers: Iterable[Speaker]):
        self._whose: list[Speaker] = []  # each mark's, in the order of the marks
        options = re2.Options()
        options.max_mem = MEMORY
        self._marks = re2.Set.SearchSet(options)
        for speaker in speakers:
            for mark in speaker.marks:
                self._marks.Add(re2.escape(mark))
                self._whose.append(speaker)
        self._marks.Compile()

    def heard_in(self, text: str) -> list[Speaker]:
        """Who is betrayed by this text: mailbox providers and filters before software, lists last, and each kind in
        the order in which they are named."""
        lower = text.lower().encode("utf-8", "replace").decode()
        heard = dict.fromkeys(self._whose[at] for at in sorted(self._marks.Match(lower) or ()))
        return sorted(heard, key=lambda one: (one.is_list, one.is_software, one.place_in(lower)))
