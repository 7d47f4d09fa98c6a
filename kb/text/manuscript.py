"""An author's text made ready for the parser: plain characters, code blocks taken out, tables of codes on lines of their own."""

import re
from dataclasses import dataclass

from kb.text.errors import error_on

LINE_END = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
NO_CHARACTER = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"
)  # placeholders of ours and the parser's are made of these
FENCE = re.compile(r"( *)(`{3,}|~{3,})[^`~]*")
ALONE = re.compile(r" {0,3}\[\[(?:codes|subjects)\b[^\[\]]*\]\] *")
SPACES_PER_TAB = 4


@dataclass(frozen=True)
class Manuscript:
    lines: list[str]  # as many as the author wrote, so that a number names his line
    code: list[str]

    @property
    def source(self) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")


def placeholder(number: int) -> str:
    return f"\x02code:{number}\x03"


def prepare(source: str) -> Manuscript:
    lines, code = [], []
    fence: re.Match | None = None
    for number, line in enumerate(plain_lines(source), start=1):
        if fence and closes(fence, line):
            fence = None
            lines.append("")
        elif fence:
            code[-1].append(line.removeprefix(fence[1]))
            lines.append("")
        elif fence := FENCE.fullmatch(line):
            opened = number
            lines.append(f"\n{fence[1]}{placeholder(len(code))}\n")
            code.append([])
        else:
            lines.append(f"\n{line}\n" if ALONE.fullmatch(line) else line)
    if fence:
        raise error_on(
            opened,
            f"The code block that begins here never ends. Close it with {fence[2]} on a line of its own.",
        )
    return Manuscript(lines, ["\n".join(block) for block in code])


def plain_lines(source: str) -> list[str]:
    text = NO_CHARACTER.sub("", LINE_END.sub("\n", source)).expandtabs(SPACES_PER_TAB)
    return [line if line.strip() else "" for line in text.split("\n")]


def closes(fence: re.Match, line: str) -> bool:
    mark = line.strip()
    return mark.startswith(fence[2]) and not mark.strip(fence[2][0])
