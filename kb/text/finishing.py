"""What is done to the parsed page: codes linked, headings given addresses, tables and code made fit to scroll, links checked."""

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from django.utils.text import slugify
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, AtomicString

from kb.text.errors import error_at
from kb.text.markers import Marker
from kb.text.plain import fold_spaces
from kb.text.sanitiser import FORMS, SCHEMES
from kb.text.typed import is_code, typed_codes

QUIET = {"a", "code", "pre"}
HEADING = re.compile(r"h[1-6]")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
ALIGN = re.compile(r"text-align: (center|right);")


@dataclass(frozen=True)
class Heading:
    level: int
    id: str
    title: str


def code_span(marker: Marker) -> Element:
    span = Element("span", {"data-kb": marker.form})
    span.text = AtomicString(marker.value)
    return span


class CodeLinks(Treeprocessor):
    """Turns codes typed plain into markers, outside links and code."""

    def run(self, root: Element) -> None:
        link_codes(root)


def link_codes(parent: Element) -> None:
    if parent.tag in QUIET or parent.get("data-kb"):
        return
    parent.text, children = split_at_codes(parent.text)
    for child in parent:
        child.tail, spans = split_at_codes(child.tail)
        children += [stamp_of(child), *spans]
        link_codes(children[-1 - len(spans)])
    parent[:] = children


def split_at_codes(text: str | None) -> tuple[str | None, list[Element]]:
    """The text before the first code, and a span for each code with the text after it as its tail."""
    places = list(typed_codes(text or ""))
    if not places:
        return text, []
    spans = [code_span(Marker("code", value=text[start:end])) for start, end in places]
    following = [start for start, _ in places[1:]] + [len(text)]
    for span, (_, end), until in zip(spans, places, following, strict=True):
        span.tail = text[end:until]
    return text[: places[0][0]], spans


def stamp_of(element: Element) -> Element:
    """A code alone in backticks is its stamp."""
    if element.tag != "code" or not is_code(element.text or ""):
        return element
    span = code_span(Marker("code", value=element.text))
    span.tail = element.tail
    return span


class Finishing(Treeprocessor):
    def __init__(self, lines: list[str]):
        super().__init__()
        self.lines = lines
        self.toc: list[Heading] = []
        self.ids: Counter[str] = Counter()
        self.steps = {
            "a": self.check_link,
            "img": self.check_image,
            "pre": focusable,
            "table": self.wrap_table,
            "td": align_by_class,
            "th": name_column,
        }

    def run(self, root: Element) -> None:
        for element in list(root.iter()):
            if HEADING.fullmatch(element.tag):
                self.finish_heading(element)
            elif step := self.steps.get(element.tag):
                step(element)
        self.point_to_sections(root)

    def finish_heading(self, element: Element) -> None:
        level, title = max(2, int(element.tag[1])), fold_spaces(words_of(element))
        heading = Heading(level, self.new_id(title), title)
        element.tag = f"h{level}"
        element.set("id", heading.id)
        self.toc.append(heading)
        anchor = {"class": "anchor", "href": f"#{heading.id}", "aria-label": f"Link to section {title}"}
        SubElement(element, "a", anchor).text = "#"

    def new_id(self, title: str) -> str:
        """Unique, and like no id of the page's own, because none of those begins with `section`."""
        wanted = f"section-{slugify(title, allow_unicode=True)[:60]}".rstrip("-")
        new = wanted
        while new in self.ids:
            self.ids[wanted] += 1
            new = f"{wanted}-{self.ids[wanted]}"
        self.ids[new] = 1
        return new

    def check_link(self, element: Element) -> None:
        address = plain_address(element.get("href", ""))
        scheme = SCHEME.match(address)
        if scheme and scheme[1].lower() not in SCHEMES:
            raise error_at(
                self.lines,
                scheme[0],
                f"A link cannot begin with “{scheme[0]}”. Use https:, http:, mailto:, or an address on this site such as /kb/.",
            )
        stamp = element.find(".//span[@data-kb]")
        if stamp is not None:
            raise error_at(
                self.lines,
                address,
                f"The code {stamp.text} is a link itself, so it cannot stand inside another link.",
            )
        if address.startswith(("http:", "https:", "//")):
            element.set("rel", "noopener")

    def check_image(self, element: Element) -> None:
        source = plain_address(element.get("src", ""))
        if not FORMS["src"].fullmatch(source):
            raise error_at(
                self.lines,
                source,
                f"The image “{source}” is not on this site. Upload it here and use its address, which begins with one /.",
            )
        if not element.get("alt", "").strip():
            raise error_at(
                self.lines,
                source,
                f"The image “{source}” has no alternative text. Write what it shows between the brackets: ![What it shows]({source}).",
            )

    def wrap_table(self, element: Element) -> None:
        """The element becomes the box that scrolls, and the table moves into it."""
        table = Element("table")
        table[:] = list(element)
        label = f"Table: {self.toc[-1].title}" if self.toc else "Table"
        element.tag = "div"
        element.attrib.update({"class": "table", "tabindex": "0", "role": "region", "aria-label": label})
        element[:] = [table]

    def point_to_sections(self, root: Element) -> None:
        """`[below](#next-steps)` finds the heading “Next steps”."""
        for link in root.iter("a"):
            target = link.get("href", "").removeprefix("#")
            if link.get("href") == f"#{target}" and f"section-{target}" in self.ids:
                link.set("href", f"#section-{target}")


def words_of(element: Element) -> str:
    """The text of a heading, without the number of a footnote."""
    words = [element.text or ""]
    for child in element:
        words += ["" if child.tag == "sup" and child.get("id") else words_of(child), child.tail or ""]
    return unescape("".join(words))


def plain_address(address: str) -> str:
    """As a browser would read it."""
    return re.sub(r"[\x00-\x20]", "", unescape(address.replace(AMP_SUBSTITUTE, "&")))


def focusable(element: Element) -> None:
    element.set("tabindex", "0")


def align_by_class(element: Element) -> None:
    if align := ALIGN.fullmatch(element.attrib.pop("style", "")):
        element.set("class", align[1])


def name_column(element: Element) -> None:
    align_by_class(element)
    element.set("scope", "col")
