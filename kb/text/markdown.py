"""Markdown as an editor writes it, to HTML as a reader may be given it."""

from dataclasses import dataclass
from types import MappingProxyType

from markdown import Markdown

from kb.text.bounds import check_lines, check_source
from kb.text.errors import TextError
from kb.text.finishing import Heading, headings
from kb.text.grammar import Grammar
from kb.text.manuscript import prepare
from kb.text.markers import Marker, fill, markers, plain_with_codes
from kb.text.pictures import Sizes
from kb.text.plain import from_html
from kb.text.sanitiser import sanitise

__all__ = [
    "Heading",
    "Marker",
    "Rendered",
    "TextError",
    "fill",
    "headings",
    "markers",
    "plain_with_codes",
    "render",
]

EXTENSIONS = ["admonition", "def_list", "footnotes", "sane_lists", "tables"]
TOO_DEEP = "This text is nested too deeply. Use fewer levels of lists, quotes, emphasis or brackets."


@dataclass(frozen=True)
class Rendered:
    html: str
    plain: str
    toc: tuple[Heading, ...]
    codes: tuple[tuple[str, str], ...]  # every code named, by marker or typed plain: (registry or "", value)
    markers: tuple[Marker, ...]  # those the author wrote as markers, so they must name records
    pictures: tuple[str, ...]  # the names of those kept at this site that it shows


def render(source: str, sizes: Sizes = MappingProxyType({})) -> Rendered:
    """With the sizes of its pictures, as far as they are known."""
    try:
        return _render(source, sizes)
    except RecursionError:
        raise TextError(TOO_DEEP) from None


def _render(source: str, sizes: Sizes) -> Rendered:
    check_source(source)
    manuscript = prepare(source)
    check_lines(manuscript.lines)
    grammar = Grammar(manuscript, sizes)
    parser = Markdown(extensions=[grammar, *EXTENSIONS])
    html = sanitise(parser.convert(manuscript.source))
    named = [marker for marker in markers(html) if marker.kind == "code"]
    return Rendered(
        html=html,
        plain=from_html(html),
        toc=tuple(grammar.finishing.toc),
        codes=tuple(dict.fromkeys(marker.pair for marker in named)),
        markers=tuple(dict.fromkeys(grammar.markers)),
        pictures=tuple(dict.fromkeys(grammar.finishing.pictures)),
    )
