"""An author's text made ready for the parser: plain characters, code blocks taken out, tables of codes set apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.text.errors import error_on

LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Placeholders are made of some.
NO_CHARACTER = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
FENCE = re.compile(r"(?P<indent> *)(?P<mark>`{3,}|~{3,})[^`~]*")
ALONE = re.compile(r" {0,3}\[\[\s*(?:codes|subjects)\b[^\[\]]*\]\] *", re.IGNORECASE)
SPACES_PER_TAB = 4


@dataclass(frozen=True)
class Manuscript:
    lines: list[str]  # as many as the author wrote, so that a number names one of those
    code: list[str]

    @property
    def source(self) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")


def prepare(source: str) -> Manuscript:
    lines = plain_lines(source)
    code: list[str] = []
    for start, end, fence in list(fences(lines)):
        block = [line.removeprefix(fence["indent"]) for line in lines[start + 1 : end]]
        lines[start : end + 1] = [apart(fence["indent"] + placeholder(len(code))), *[""] * (end - start)]
        code.append("\n".join(block))
    return Manuscript([apart(line) if ALONE.fullmatch(line) else line for line in lines], code)


def plain_lines(source: str) -> list[str]:
    text = NO_CHARACTER.sub("", LINE_END.sub("\n", source)).expandtabs(SPACES_PER_TAB)
    return [line if line.strip() else "" for line in text.split("\n")]


def fences(lines: list[str]) -> Iterator[tuple[int, int, re.Match]]:
    """Where each code block begins and ends, and the line that opens it."""
    start, fence = 0, None
    for number, line in enumerate(lines):
        if fence is None:
            start, fence = number, FENCE.fullmatch(line)
        elif closes(fence["mark"], line.strip()):
            yield start, number, fence
            fence = None
    if fence:
        raise error_on(
            start + 1, f"This code block never ends. Close it with {fence['mark']} on a line of its own."
        )


def closes(mark: str, line: str) -> bool:
    return line.startswith(mark) and not line.strip(mark[0])


def placeholder(number: int) -> str:
    return f"\x02code:{number}\x03"


def apart(line: str) -> str:
    """With a blank line before and after, yet one entry among the lines."""
    return f"\n{line}\n"
