"""What was understood of a text: plain frozen values, without a meaning yet."""

from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True)
class Spoken:
    """One thing a server said: its codes, its words, and why we believe it."""

    reply: str
    status: str
    text: str  # the server's words, normalised
    start: int = -1  # place of the code in Reading.text, -1 if it does not stand there
    end: int = -1
    source: str = "text"  # "diagnostic-code", "remote", "status", "log", "text" …
    score: float = 0.0
    host: str = ""


@dataclass(frozen=True)
class Recipient:
    address: str  # "" if none is named
    said: tuple[Spoken, ...]  # best first


@dataclass(frozen=True)
class Reading:
    text: str  # decoded and normalised, as shown to the person; places refer to it
    is_mail: bool = False
    nature: str = "none"  # "bounce", "delayed", "success", "auto-reply", "abuse-report"
    recipients: tuple[Recipient, ...] = ()
    marks: str = ""  # lower-cased hosts, agents and phrases of the speaker, the remote host first
    words: str = ""  # the servers' words, in which wordings are searched: never the returned message

    @property
    def reply(self) -> list[str]:
        """Reply codes, best first: each recipient's best, then the others."""
        return _once(said.reply for said in self._best_first())

    @property
    def status(self) -> list[str]:
        """Enhanced codes, best first: each recipient's best, then the others."""
        return _once(said.status for said in self._best_first())

    @property
    def codes(self) -> list[str]:
        """All codes, best first: the enhanced one of a pair says more, so it leads."""
        return _once(chain.from_iterable((said.status, said.reply) for said in self._best_first()))

    def _best_first(self) -> list[Spoken]:
        """The best of each recipient, then the second of each, and so on."""
        ranked = [(rank, said) for person in self.recipients for rank, said in enumerate(person.said)]
        return [said for _, said in sorted(ranked, key=lambda pair: pair[0])]


def _once(values) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
