"""Codes typed plain in prose become markers, outside links and code; a code alone in backticks becomes one too."""

from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from kb.text.markers import Marker
from kb.text.typed import is_code, typed_codes

QUIET = {"a", "code", "pre"}


class CodeLinks(Treeprocessor):
    def run(self, root: Element) -> None:
        link_codes(root)


def link_codes(parent: Element) -> None:
    if parent.tag in QUIET or parent.get("data-kb"):
        return
    parent.text, children = split_at_codes(parent.text)
    for child in parent:
        link_codes(child)
        child.tail, spans = split_at_codes(child.tail)
        children += [stamp_of(child), *spans]
    parent[:] = children


def split_at_codes(text: str | None) -> tuple[str | None, list[Element]]:
    """The text before the first code, and a span for each code with the text after it as its tail."""
    if not text:
        return text, []
    places = list(typed_codes(text))
    spans = [code_span(Marker("code", value=text[start:end])) for start, end in places]
    edges = [start for start, _ in places] + [len(text)]
    for span, (_, end), until in zip(spans, places, edges[1:], strict=True):
        span.tail = text[end:until]
    return text[: edges[0]], spans


def stamp_of(element: Element) -> Element:
    """A code alone in backticks is its stamp."""
    text = element.text or ""
    if element.tag != "code" or not is_code(text):
        return element
    span = code_span(Marker("code", value=text))
    span.tail = element.tail
    return span


def code_span(marker: Marker) -> Element:
    span = Element("span", {"data-kb": marker.form})
    span.text = AtomicString(marker.value)
    return span
