"""Plain text out of HTML, for search, excerpts and reading time."""

import re
from html import unescape

from kb.text.sanitiser import LISTS, PROSE, TABLES

WORDS_A_MINUTE = 220
BLOCKS = PROSE | LISTS | TABLES | {"h1"}
SIGNPOST = re.compile(r'<a (?:aria-label="[^"]*" )?class="(?:anchor|footnote-ref|footnote-backref)"[^<]*</a>')
TAG = re.compile(
    r"<!--(?:[^-]|-(?!->))*+(?:-->)?|<(script|style)\b(?:[^<]|<(?!/\1[^<>]*+>))*+(?:</\1[^<>]*+>)?"
    r"""|</?(?P<name>[a-z][a-z0-9]*)(?:"[^"]*+"|'[^']*+'|[^'">])*+>?""",
    re.DOTALL | re.IGNORECASE,
)


def from_html(html: str) -> str:
    """The words of some HTML, a line for each block; signposts such as a heading's `#` are left out."""
    text = unescape(TAG.sub(break_or_nothing, SIGNPOST.sub("", html)))
    return "\n".join(filter(None, map(fold_spaces, text.replace("\x00", "").split("\n"))))


def break_or_nothing(tag: re.Match) -> str:
    return "\n" if (tag["name"] or "").lower() in BLOCKS else ""


def fold_spaces(text: str) -> str:
    return " ".join(text.split())


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of the text in one line, cut between words."""
    line = fold_spaces(text)
    if len(line) <= length:
        return line
    cut = line[:length]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut[:-1]).rstrip(" ,;:–-") + "…"


def reading_minutes(text: str) -> int:
    return max(1, round(len(text.split()) / WORDS_A_MINUTE))
