"""Bounds no real article meets; without them a hostile text of a few kilobytes would hold the parser for minutes."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from kb.text.errors import TextError, error_at, error_on
from kb.text.typed import typed_codes

CHARACTERS = 200_000
LINES = 6_000  # outside code blocks, as are all that follow
LINE = 20_000  # characters
LEVELS = 12  # of lists and quotes
FOOTNOTES = 300
MARKS = "*_`~<&\\["
MOST_MARKS = 16_000
CELLS = 15_000
TURNS = 5_000_000  # the block parser reads a block again for each heading, rule or definition in it
LOOKS = 40_000_000  # the inline parser reads a passage again for each mark in it

LEVEL = re.compile(r"\s*(?:>|(?:[:*+-]|\d+\.|!!!|\[\^[^\]]*\]:)(?=\s|$))")
TURN = re.compile(r"(?:[\s>*+_-]|\d+\.)*+(?:$|[#=:]|!!!|\[[^\]]*\]:)")
STUCK = "Too much stands together here. Put blank lines between, or divide the table."
CROWDED = "Too many brackets, stars or the like stand together in one paragraph. Divide it."


def check_source(source: str) -> None:
    check_sum(len(source), CHARACTERS, "characters")


def check_lines(lines: list[str]) -> None:
    check_sum(sum(map(bool, lines)), LINES, "lines")
    check_sum(sum(line.count("[^") for line in lines), FOOTNOTES, "footnote marks")
    check_sum(sum(map(elements, lines)), MOST_MARKS, "brackets, stars, codes and other marks")
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE:
            raise error_on(number, f"More than {LINE:,} characters stand in this line. Divide it.")
        if levels(line) > LEVELS:
            raise error_on(
                number, f"Lists and quotes are nested more than {LEVELS} deep here. Use fewer levels."
            )
    check_blocks(lines)


def check_sum(count: int, most: int, what: str) -> None:
    if count > most:
        raise TextError(f"This text has {count:,} {what}; {most:,} is the most. Split it into several.")


def check_blocks(lines: list[str]) -> None:
    turns = cells = 0
    for number, block in blocks(lines):
        turns += sum(map(len, block)) * sum(TURN.match(line) is not None for line in block)
        cells += len(block) * max(line.count("|") for line in block)
        if turns > TURNS or cells > CELLS:
            raise error_on(number, STUCK)


def blocks(lines: list[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Lines that stand together, with the number of the first."""
    for filled, group in groupby(enumerate(lines, start=1), key=lambda numbered: bool(numbered[1])):
        if filled:
            numbers, block = zip(*group, strict=True)
            yield numbers[0], block


def elements(line: str) -> int:
    """At least as many as will come of it."""
    return marks(line) + levels(line) + sum(1 for _ in typed_codes(line))


def marks(text: str) -> int:
    return sum(map(text.count, MARKS))


def levels(line: str) -> int:
    at = depth = 0
    while match := LEVEL.match(line, at):
        at, depth = match.end(), depth + 1
    indent = len(line) - len(line.lstrip())
    return depth + indent // 4 if depth else 0


class PassageBounds(Treeprocessor):
    """Stands just before the inline parser, when it is known which text belongs together."""

    def __init__(self, lines: list[str]):
        super().__init__()
        self.lines = lines

    def run(self, root: Element) -> None:
        looks = 0
        for passage in passages(root):
            looks += len(passage) * marks(passage)
            if looks > LOOKS:
                raise error_at(self.lines, passage.split("\n")[0], CROWDED)


def passages(root: Element) -> Iterator[str]:
    for element in root.iter():
        for text in (element.text, element.tail):
            if text and not isinstance(text, AtomicString):
                yield text
