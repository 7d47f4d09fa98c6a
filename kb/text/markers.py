"""`[[code smtp 550]]`, `[[codes smtp 5xx]]`, `[[subjects smtp]]` and the inert HTML that stands for them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from kb.text.typed import typed_codes

REGISTRY = r"[a-z0-9][a-z0-9_-]{0,49}"
VALUE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}"
WRITTEN = re.compile(
    rf"(?P<kind>codes?)\s+(?:(?P<registry>{REGISTRY})\s+)?(?P<value>{VALUE})"
    rf"|(?P<subjects>subjects)(?:\s+(?P<of>{REGISTRY}))?",
    re.IGNORECASE,
)
FORM = rf"(?:code|codes) (?:-|{REGISTRY}) {VALUE}|subjects (?:-|{REGISTRY})"
MARKER = "data-kb="  # in the HTML of each
INERT = re.compile(
    r'<span data-kb="(code [^"]+)">[^<]*</span>|<div data-kb="((?:codes|subjects) [^"]+)"></div>'
)


@dataclass(frozen=True)
class Marker:
    kind: str  # code, codes or subjects
    registry: str = ""  # "" is the default registry
    value: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.kind, self.registry, self.value]))

    @property
    def form(self) -> str:
        """What `data-kb` says; `-` stands for the default registry."""
        return f"{self.kind} {self.registry or '-'} {self.value}".rstrip()

    @property
    def pair(self) -> tuple[str, str]:
        return self.registry, self.value


def read_written(words: str) -> Marker | None:
    """What stands between `[[` and `]]`, if it is well formed."""
    match = WRITTEN.fullmatch(words)
    if match is None:
        return None
    if match["subjects"]:
        return Marker("subjects", (match["of"] or "").lower())
    return Marker(match["kind"].lower(), (match["registry"] or "").lower(), match["value"])


def read_form(form: str) -> Marker:
    kind, registry, value = f"{form} ".split(" ")[:3]
    return Marker(kind, "" if registry == "-" else registry, value)


def markers(html: str) -> list[Marker]:
    """Every marker in stored HTML, in order."""
    return [read_form(match[1] or match[2]) for match in INERT.finditer(html)]


def fill(html: str, answers: Callable[[Marker], str]) -> str:
    """Stored HTML with every marker replaced by the HTML that `answers` gives for it.

    The sanitiser escapes `<` in text and `"` in attributes, so only our own elements match.
    """
    return INERT.sub(lambda match: answers(read_form(match[1] or match[2])), html)


def plain_with_codes(text: str) -> str:
    """A short plain text as HTML: escaped, its codes as inert markers to be filled."""
    html, at = [], 0
    for start, end in typed_codes(text):
        code = text[start:end]
        html += [escape(text[at:start]), f'<span data-kb="{Marker("code", value=code).form}">{code}</span>']
        at = end
    return "".join([*html, escape(text[at:])])
