"""The difference of two texts in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
MOST_TOKENS = 3000  # of a stretch that is compared word by word; beyond it whole lines are shown
AROUND = 1  # unchanged lines shown beside a change


@dataclass(frozen=True)
class Piece:
    """`kind` is "same", "changed" or "skipped"; the text of a skipped piece is its number of lines."""

    kind: str
    text: str

    @property
    def number(self) -> int:
        return int(self.text) if self.kind == "skipped" else 0


def difference(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces: what the other one lacks is marked in each."""
    lines = one.splitlines(keepends=True), other.splitlines(keepends=True)
    ours: list[Piece] = []
    theirs: list[Piece] = []
    steps = SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(steps):
        if kind == "equal":
            same = list(_shortened(lines[0][a:b], number == 0, number == len(steps) - 1))
            ours += same
            theirs += same
        else:
            first, second = _words("".join(lines[0][a:b]), "".join(lines[1][c:d]))
            ours += first
            theirs += second
    return ours, theirs


def _shortened(lines: list[str], at_start: bool, at_end: bool) -> Iterator[Piece]:
    before = 0 if at_start else AROUND
    after = 0 if at_end else AROUND
    if len(lines) <= before + after + 2:
        yield Piece("same", "".join(lines))
        return
    yield Piece("same", "".join(lines[:before]))
    yield Piece("skipped", str(len(lines) - before - after))
    yield Piece("same", "".join(lines[len(lines) - after :]))


def _words(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    tokens = TOKEN.findall(one), TOKEN.findall(other)
    if max(map(len, tokens)) > MOST_TOKENS:
        return [Piece("changed", one)], [Piece("changed", other)]
    ours, theirs = [], []
    for kind, a, b, c, d in SequenceMatcher(None, *tokens, autojunk=False).get_opcodes():
        name = "same" if kind == "equal" else "changed"
        ours.append(Piece(name, "".join(tokens[0][a:b])))
        theirs.append(Piece(name, "".join(tokens[1][c:d])))
    return [piece for piece in ours if piece.text], [piece for piece in theirs if piece.text]
