"""What is done to the parsed page: headings get addresses, tables and code can scroll, links and images are checked."""

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from django.utils.text import slugify
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE

from kb.text import pictures
from kb.text.errors import TextError, error_at
from kb.text.plain import fold_spaces, from_html
from kb.text.sanitiser import FORMS, SCHEMES

HEADING = re.compile(r"h[1-6]")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
ALIGN = re.compile(r"text-align: (center|right);")

FOREIGN_SCHEME = (
    "A link cannot begin with “{}”. Use https:, http:, mailto:, or an address on this site such as /kb/."
)
LINK_IN_LINK = "The code {} is a link itself, so it cannot stand inside another. Take it out of the brackets."
FOREIGN_IMAGE = (
    "The image “{}” is not on this site. Only images of this site are shown; their address begins with one /."
)
NO_ALTERNATIVE = "The image {0} has no alternative text. Say what it shows: ![What it shows]({0})."
NO_WORDS = "A heading has no words. Write them after the #, or take it out."


@dataclass(frozen=True)
class Heading:
    level: int
    id: str
    title: str


MADE = re.compile(r'<h([2-6]) id="([^"]*)">([^<]*+(?:<(?!h)[^<]*+)*?)<a aria-label="[^"]*" class="anchor"')


def headings(html: str) -> list[Heading]:
    """Those of stored HTML, so that a page needs no second rendering for its table of contents."""
    return [Heading(int(level), id, from_html(title)) for level, id, title in MADE.findall(html)]


class Finishing(Treeprocessor):
    def __init__(self, lines: list[str], sizes: pictures.Sizes):
        super().__init__()
        self.lines, self.sizes = lines, sizes
        self.pictures: list[str] = []  # the names of those it shows
        self.toc: list[Heading] = []
        self.ids: Counter[str] = Counter()
        self.tables: Counter[str] = Counter()
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
        if not title:
            raise TextError(NO_WORDS)
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
            raise error_at(self.lines, scheme[0], FOREIGN_SCHEME.format(scheme[0]))
        stamp = element.find(".//span[@data-kb]")
        if stamp is not None:
            raise error_at(self.lines, address, LINK_IN_LINK.format(stamp.text))
        if address.startswith(("http:", "https:", "//")):
            element.set("rel", "noopener")

    def check_image(self, element: Element) -> None:
        address = plain_address(element.get("src", ""))
        if not FORMS["src"].fullmatch(address):
            raise error_at(self.lines, address, FOREIGN_IMAGE.format(address))
        if not element.get("alt", "").strip():
            raise error_at(self.lines, address, NO_ALTERNATIVE.format(address))
        name = pictures.name_of(address)
        if name is not None:
            self.pictures.append(name)
        pictures.prepare(element, self.sizes.get(name or ""))

    def wrap_table(self, element: Element) -> None:
        """The element becomes the box that scrolls, and the table moves into it."""
        table = Element("table")
        table[:] = list(element)
        label = f"Table: {self.toc[-1].title}" if self.toc else "Table"
        self.tables[label] += 1
        if self.tables[label] > 1:
            label = f"{label}, {self.tables[label]}"
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
