"""What a person typed as HTML: paragraphs, line breaks, links and codes. Nothing in it is taken for markup."""

import re

from django.utils.html import format_html

from kb.text.markers import plain_with_codes

LINK = re.compile(r"\bhttps?://[^\s<>\"'“”«»]+", re.IGNORECASE)
LINK_REL = "nofollow ugc noopener"
LONGEST_SHOWN = 60  # of a link's address


def html_of(text: str) -> str:
    """A blank line begins a paragraph, any other line break stays one."""
    paragraphs = re.split(r"\n{2,}", text.strip())
    return "".join(f"<p>{_lines(paragraph)}</p>" for paragraph in paragraphs if paragraph)


def links_in(text: str) -> list[str]:
    return [_trimmed(match[0]) for match in LINK.finditer(text)]


def _lines(paragraph: str) -> str:
    return _linked(paragraph).replace("\n", "<br>")


def _linked(text: str) -> str:
    html, at = [], 0
    for match in LINK.finditer(text):
        address = _trimmed(match[0])
        html += [plain_with_codes(text[at : match.start()]), _link(address)]
        at = match.start() + len(address)
    return "".join([*html, plain_with_codes(text[at:])])


def _link(address: str) -> str:
    shown = address if len(address) <= LONGEST_SHOWN else f"{address[: LONGEST_SHOWN - 1]}…"
    return format_html('<a href="{}" rel="{}">{}</a>', address, LINK_REL, shown)


def _trimmed(address: str) -> str:
    """Without the dot that ends the sentence, and without a bracket that was opened before the link."""
    while address and (address[-1] in ".,;:!?" or (address[-1] in ")]}" and _unopened(address))):
        address = address[:-1]
    return address


def _unopened(address: str) -> bool:
    opening = {")": "(", "]": "[", "}": "{"}[address[-1]]
    return address.count(address[-1]) > address.count(opening)
