"""The last gate: whatever HTML came before, only what a reader needs gets through."""

import re

import nh3

from kb.text.markers import FORM

PROSE = {"blockquote", "br", "div", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre"}
LISTS = {"dd", "dl", "dt", "li", "ol", "ul"}
TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
PHRASES = {"a", "code", "img", "span"}
TYPED = {"abbr", "b", "cite", "del", "dfn", "em", "i", "ins", "kbd"}  # these an author may type as HTML
TYPED |= {"mark", "q", "s", "samp", "small", "strong", "sub", "sup", "var"}

SCHEMES = {"http", "https", "mailto"}
ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title", "rel", "aria-label"},
    "div": {"data-kb", "tabindex", "role", "aria-label"},
    "img": {"src", "alt", "title", "width", "height", "loading", "decoding"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"data-kb"},
    "th": {"scope"},
}
CLASSES = {
    "a": {"anchor", "footnote-ref", "footnote-backref"},
    "div": {"admonition", "note", "info", "tip", "warning", "danger", "footnote", "table"},
    "p": {"admonition-title"},
    "td": {"center", "right"},
    "th": {"center", "right"},
}
FORMS = {
    "data-kb": re.compile(FORM),
    "decoding": re.compile("async"),
    "height": re.compile(r"[1-9]\d{0,4}"),
    "id": re.compile(r"section(-[\w-]+)?|fn(ref\d*)?:[\w-]+"),
    "loading": re.compile("lazy"),
    "rel": re.compile("noopener"),
    "role": re.compile("region"),
    "scope": re.compile("col"),
    "src": re.compile(r"/(?![/\\])[^\x00-\x20\\]*"),
    "start": re.compile(r"\d{1,9}"),
    "tabindex": re.compile("0"),
    "width": re.compile(r"[1-9]\d{0,4}"),
}


def keep_known_form(tag: str, attribute: str, value: str) -> str | None:
    form = FORMS.get(attribute)
    return value if form is None or form.fullmatch(value) else None


CLEANER = nh3.Cleaner(
    tags=PROSE | LISTS | TABLES | PHRASES | TYPED,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    attribute_filter=keep_known_form,
    url_schemes=SCHEMES,
    link_rel=None,
)


def sanitise(html: str) -> str:
    return CLEANER.clean(html)
