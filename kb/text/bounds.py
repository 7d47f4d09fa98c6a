"""Bounds no real article meets; without them a hostile text of a few kilobytes would hold the parser for minutes."""

import re
from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from kb.text.errors import TextError, error_at, error_on
from kb.text.typed import typed_codes

CHARACTERS = 200_000
LINES = 6_000
LINE = 20_000
LEVELS = 12
CELLS = 15_000
FOOTNOTES = 300
TURNS = (
    5_000_000  # characters the block parser reads again, once for each heading, rule or definition in a block
)
LOOKS = 100_000_000  # characters the inline parser reads again, once for each mark in a passage
MARKS = "*_`~<&\\["
MOST_MARKS = 12_000

LEVEL = re.compile(r"\s*(?:>|(?:[:*+-]|\d+\.|!!!|\[\^[^\]]*\]:)(?=\s|$))")
TURN = re.compile(r"(?:[\s>*+_-]|\d+\.)*(?:$|[#=:]|!!!|\[[^\]]*\]:)")


def check_source(source: str) -> None:
    if len(source) > CHARACTERS:
        raise TextError(
            f"This text has {len(source):,} characters; {CHARACTERS:,} is the most. Split it into several."
        )


def check_lines(lines: list[str]) -> None:
    check_sum("lines", sum(map(bool, lines)), LINES)
    check_sum("footnote marks", sum(line.count("[^") for line in lines), FOOTNOTES)
    check_sum(
        "stars, brackets and other marks", sum(marks(line) + levels(line) for line in lines), MOST_MARKS
    )
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE:
            raise error_on(
                number, f"This line has {len(line):,} characters; {LINE:,} is the most. Divide it."
            )
        if levels(line) > LEVELS:
            raise error_on(
                number, f"This line stands more than {LEVELS} levels deep in lists and quotes. Use fewer."
            )
    turns = cells = 0
    for number, block in blocks(lines):
        turns += sum(map(len, block)) * sum(TURN.match(line) is not None for line in block)
        cells += len(block) * max(line.count("|") for line in block)
        if turns > TURNS or cells > CELLS:
            raise error_on(number, "Too much stands here without a blank line between. Divide it.")


def blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines that stand together, with the number of the first."""
    for filled, group in groupby(enumerate(lines, start=1), key=lambda numbered: bool(numbered[1])):
        if filled:
            numbers, block = zip(*group, strict=True)
            yield numbers[0], block


def levels(line: str) -> int:
    at = depth = 0
    while match := LEVEL.match(line, at):
        at, depth = match.end(), depth + 1
    indent = len(line) - len(line.lstrip())
    return depth + indent // 4 if depth else 0


def check_sum(what: str, count: int, most: int) -> None:
    if count > most:
        raise TextError(f"This text has {count:,} {what}; {most:,} is the most. Split it into several.")


class PassageBounds(Treeprocessor):
    """Stands before the inline parser, when it is known which text belongs together."""

    def __init__(self, lines: list[str]):
        super().__init__()
        self.lines = lines

    def run(self, root: Element) -> None:
        looks = 0
        for passage in passages(root):
            looks += len(passage) * marks(passage)
            if looks > LOOKS:
                raise error_at(
                    self.lines,
                    passage.split("\n")[0],
                    "Too many brackets, stars or the like stand together here. Divide it.",
                )


def passages(root: Element) -> Iterator[str]:
    for element in root.iter():
        for text in (element.text, element.tail):
            if text and not isinstance(text, AtomicString):
                yield text


def elements(line: str) -> int:
    """At most so many will come of it."""
    return marks(line) + levels(line) + sum(1 for _ in typed_codes(line))


def marks(text: str) -> int:
    return sum(map(text.count, MARKS))
