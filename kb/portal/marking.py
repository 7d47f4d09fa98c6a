"""A person's own text in pieces: the page marks what was found in it and covers the addresses until it is asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kb.diagnosis.answers import Diagnosis
from kb.diagnosis.reading import Reading

REPLY, ENHANCED, SERVER, ADDRESS, TIME = "reply", "enhanced", "server", "address", "time"
LEGEND = {
    REPLY: "Reply code",
    ENHANCED: "Enhanced code",
    SERVER: "Server",
    TIME: "Time",
    ADDRESS: "Address",
}
CODE = re.compile(r"(?P<enhanced>[245]\.\d{1,3}\.\d{1,3})|(?P<reply>[2-5]\d\d)")
DOMAIN = re.compile(r"@[^\W_](?:[\w.-]{0,253}[^\W_])?")
NO_NAME = re.compile(r"""[\s<>()\[\]{},;:"|@]|\b(?:to|orig_to|from|ctladdr|f|rcpt)=""", re.IGNORECASE)
# A name that ends so is an odd one, up to the last space: anna.{x}@example.com, "anna b"@example.com
CLOSING = tuple('})]"|')
LONGEST_NAME = 256  # of a mailbox, those that carry another address in them too
IP = r"(?:\s?[\[(][0-9a-fA-F.:]{3,45}[\])])?"
HOSTS = re.compile(r"(?<![/@.\w-])(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24}\b" + IP, re.IGNORECASE)
DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} \w{3} \d{4} \d\d:\d\d(?::\d\d)?(?: [+-]\d{4})?"
TIMES = re.compile(
    rf"{DAY}|\b\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|^\w{{3}} +\d{{1,2}} \d\d:\d\d:\d\d\b",
    re.MULTILINE,
)
# Of a kind, and of pieces on a page; what follows them is one piece, its addresses covered for good.
MOST_MARKS = 2000
AROUND = 2  # lines shown before and after the one that decides
LONGEST_LINE = 500
COVERED = '<span class="private mark-address"><span class="covered">{}</span><span class="uncovered">{}</span></span>'
SHORT_TEXT, SHORT_LINES = 1200, 14


@dataclass(frozen=True)
class Piece:
    text: str
    kind: str = ""
    decides: bool = False  # the answer stands on it

    @property
    def covered(self) -> str:
        return cover(self.text)

    def html(self) -> str:
        text = escape(self.text)
        if self.kind == ADDRESS:
            return COVERED.format(escape(self.covered), text)
        if self.kind:
            return f'<mark class="mark-{self.kind}{" decides" if self.decides else ""}">{text}</mark>'
        return text


class Span(NamedTuple):  # a list of addresses has tens of thousands
    start: int
    end: int
    kind: str
    decides: bool = False


def cover(address: str) -> str:
    """Enough for its owner to know it again."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


@dataclass(frozen=True)
class OwnText:
    """`evidence`: the lines around what the answer stands on; nothing where that has no place in the text."""

    whole: list[Piece]
    evidence: list[Piece]

    @cached_property
    def legend(self) -> list[tuple[str, str]]:
        kinds = {piece.kind for piece in self.whole}
        return [(kind, label) for kind, label in LEGEND.items() if kind in kinds]

    @cached_property
    def has_addresses(self) -> bool:
        return any(piece.kind == ADDRESS for piece in self.whole)

    @cached_property
    def is_short(self) -> bool:
        """Short enough to be shown at once."""
        text = "".join(piece.text for piece in self.whole)
        return len(text) <= SHORT_TEXT and text.count("\n") <= SHORT_LINES


def marked(pieces: list[Piece]) -> SafeString:
    """The text with its marks, and each address covered until it is asked for."""
    return mark_safe("".join(piece.html() for piece in pieces))  # noqa: S308 (escaped piece by piece)


def own_text(diagnosis: Diagnosis) -> OwnText:
    text, place, spans = diagnosis.reading.text, _deciding_place(diagnosis), _spans(diagnosis)
    start, end = _lines_around(text, place) if place >= 0 else (0, 0)
    return OwnText(_pieces(text, spans, 0, len(text)), _pieces(text, spans, start, end))


def covered_pieces(text: str) -> list[Piece]:
    """Any text; its addresses can be uncovered by whoever reads it."""
    return _pieces(text, list(_addresses(text)), 0, len(text))


def _deciding_place(diagnosis):
    best = diagnosis.best
    return best.spoken.start if best and best.spoken else -1


def _lines_around(text, place):
    start = end = place
    for _ in range(AROUND + 1):
        start = text.rfind("\n", max(0, place - LONGEST_LINE), max(0, start))
        if start < 0:
            start = max(0, place - LONGEST_LINE)
            break
    else:
        start += 1
    for _ in range(AROUND + 1):
        found = text.find("\n", end + 1, place + LONGEST_LINE)
        end = found if found >= 0 else min(len(text), place + LONGEST_LINE)
    return start, end


def _spans(diagnosis) -> list[Span]:
    reading = diagnosis.reading
    found = [*_addresses(reading.text)]
    found += _codes(reading, {answer.spoken.start for answer in diagnosis.answers if answer.spoken})
    found += [Span(*time.span(), TIME) for time in _few(TIMES.finditer(reading.text))]
    found += _servers(reading)
    return _free(found)


def _addresses(text: str) -> Iterator[Span]:
    last = 0
    for domain in DOMAIN.finditer(text):
        earliest = max(last, domain.start() - LONGEST_NAME)
        before = text[earliest : domain.start()]
        name = before.split()[-1] if before.endswith(CLOSING) else NO_NAME.split(before)[-1]
        last = domain.end()
        if name:
            yield Span(domain.start() - len(name), domain.end(), ADDRESS)


def _codes(reading: Reading, deciding: set[int]) -> Iterator[Span]:
    places = {
        (said.start, said.end) for person in reading.recipients for said in person.said if said.start >= 0
    }
    for start, end in sorted(places)[:MOST_MARKS]:
        for code in CODE.finditer(reading.text, start, end):
            yield Span(*code.span(), code.lastgroup or REPLY, decides=start in deciding)


def _servers(reading: Reading) -> Iterator[Span]:
    """The hosts that spoke, wherever they are named; where none is known, those named in the same lines."""
    text = reading.text
    said = [said for person in reading.recipients for said in person.said if said.start >= 0][:50]
    named = {one.host.lower() for one in said if one.host}
    for host in _few(_named(text, named)):
        if host[0].lower().partition("[")[0].partition("(")[0].strip() in named:
            yield Span(*host.span(), SERVER)
    for one in said if not named else ():
        start, end = _line_of(text, one)
        for host in HOSTS.finditer(text, start, end):
            yield Span(*host.span(), SERVER)


def _named(text, names):
    """The hosts that begin as one of these names does, wherever it stands."""
    small = text.replace("İ", "i").lower()  # alone of all letters it would become two
    for name in names:
        at = small.find(name)
        while at >= 0:
            if host := HOSTS.match(text, at):
                yield host
            at = small.find(name, at + len(name))


def _line_of(text, said):
    """The line it stands in; of an endless one, what is near."""
    first, last = max(0, said.start - LONGEST_LINE), said.end + LONGEST_LINE
    start, end = text.rfind("\n", first, said.start) + 1, text.find("\n", said.end, last)
    return start or first, end if end >= 0 else min(len(text), last)


def _few(found):
    return (match for _, match in zip(range(MOST_MARKS), found, strict=False))


def _free(found: list[Span]) -> list[Span]:
    """In the order of the text. Where two overlap, that of the kind named first above stays, but an address always."""
    taken: list[Span] = []
    rank = {kind: number for number, kind in enumerate(dict.fromkeys([ADDRESS, *LEGEND]))}
    last = 0
    for span in sorted(set(found), key=lambda span: (span.start, rank[span.kind])):
        if span.start >= last:
            taken.append(span)
            last = span.end
    return taken


def _pieces(text, spans, start, end) -> list[Piece]:
    """A list of thousands of addresses would else become a page twenty times its size."""
    cut = _cut(text, spans, start, end)
    pieces = [Piece(*one) for one in islice(cut, MOST_MARKS)]
    rest = "".join(cover(words) if kind == ADDRESS else words for words, kind, _ in cut)
    return [*pieces, Piece(rest)] if rest else pieces


def _cut(text, spans, start, end) -> Iterator[tuple[str, str, bool]]:
    at = start
    for span in spans:
        if span.start < at or span.end > end:
            continue
        if text[at : span.start]:
            yield text[at : span.start], "", False
        yield text[span.start : span.end], span.kind, span.decides
        at = span.end
    if text[at:end]:
        yield text[at:end], "", False
