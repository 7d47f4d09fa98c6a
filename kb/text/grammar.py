"""What our Markdown knows beyond the parser's own: code blocks anywhere, markers, a few HTML tags; and no other HTML."""

import re
from functools import partial
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor, HashHeaderProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor, SubstituteTagInlineProcessor
from markdown.util import AtomicString, code_escape

from kb.text.bounds import PassageBounds
from kb.text.code_links import CodeLinks, code_span
from kb.text.errors import TextError, error_at
from kb.text.finishing import Finishing
from kb.text.manuscript import ALONE, Manuscript
from kb.text.markers import Marker, read_written
from kb.text.pictures import Sizes
from kb.text.plain import fold_spaces
from kb.text.sanitiser import TYPED

KINDS = {"code", "codes", "subjects"}
KNOWN = "Write [[code 550]] or [[code smtp 550]]; on a line of its own also [[codes smtp 5xx]] or [[subjects smtp]]."
LINKS = ["link", "image_link", "reference", "image_reference", "short_reference", "short_image_ref"]
LINK_TEXT = re.compile(r"((?:[^\[\]]++|\[(?:[^\[\]]++|\[[^\[\]]*+\])*+\])*+)\]")
LINK_TARGET = re.compile(
    r"\(\s*+(?:<(?P<angle>[^<>]*+)>|(?P<bare>(?:[^\s()]++|\((?:[^\s()]++|\([^\s()]*+\))*+\))*+))"
    r"(?:\s++(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'))?+\s*+\)"
)
TAG_PAIR = rf"(?i)<({'|'.join(sorted(TYPED))})(?:\s[^<>]*)?>([^<>]*)</\1\s?>"
SET_ASIDE = re.compile(" *\x02code:[0-9]+\x03")
PLACEHOLDER = re.compile("\x02[^\x02\x03]*\x03")


class Grammar(Extension):
    def __init__(self, manuscript: Manuscript, sizes: Sizes):
        super().__init__()
        self.manuscript = manuscript
        self.markers: list[Marker] = []
        self.finishing = Finishing(manuscript.lines, sizes)

    def extendMarkdown(self, md: Markdown) -> None:
        for registry, name in [
            (md.preprocessors, "normalize_whitespace"),  # the manuscript did it
            (md.preprocessors, "html_block"),
            (md.inlinePatterns, "html"),
            (md.inlinePatterns, "entity"),
            (md.postprocessors, "raw_html"),
        ]:
            registry.deregister(name)
        md.parser.blockprocessors.register(FencedCode(md.parser, self.manuscript), "fenced_code", 82)
        md.parser.blockprocessors.register(MarkerLine(md.parser, self), "marker_line", 81)
        md.parser.blockprocessors.register(SpacedHashHeader(md.parser), "hashheader", 70)
        md.inlinePatterns.register(MarkerInLine(self), "marker", 177)
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"(?i)<br\s?/?>", "br"), "br", 91)
        md.inlinePatterns.register(TagPair(TAG_PAIR), "tag_pair", 90)
        for name in LINKS:
            pattern = md.inlinePatterns[name]
            pattern.getText, pattern.getLink = link_text, partial(link_target, pattern)
        md.delimiters.add("~", "del", double=True)
        md.treeprocessors.register(PassageBounds(self.manuscript.lines), "passage_bounds", 30)
        md.treeprocessors.register(CodeLinks(), "code_links", 12)
        md.treeprocessors.register(self.finishing, "finishing", -10)

    def read_marker(self, words: str) -> Marker:
        marker = read_written(words.strip())
        if marker is None:
            raise self.problem(words, f"is no marker. {KNOWN}")
        self.markers.append(marker)
        return marker

    def problem(self, words: str, what: str) -> TextError:
        return error_at(self.manuscript.lines, f"[[{words}]]", f"“[[{PLACEHOLDER.sub('…', words)}]]” {what}")


class FencedCode(BlockProcessor):
    def __init__(self, parser, manuscript: Manuscript):
        super().__init__(parser)
        self.manuscript = manuscript

    def test(self, parent: Element, block: str) -> bool:
        return SET_ASIDE.fullmatch(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        number = int(blocks.pop(0).strip(" \x02\x03").removeprefix("code:"))
        code = SubElement(SubElement(parent, "pre"), "code")
        code.text = AtomicString(code_escape(self.manuscript.code[number]))


class MarkerLine(BlockProcessor):
    def __init__(self, parser, grammar: Grammar):
        super().__init__(parser)
        self.grammar = grammar

    def test(self, parent: Element, block: str) -> bool:
        return ALONE.fullmatch(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        marker = self.grammar.read_marker(blocks.pop(0).strip()[2:-2])
        SubElement(parent, "div", {"data-kb": marker.form})


class SpacedHashHeader(HashHeaderProcessor):
    """Asks for a space after the `#`, so that `#5.1.1 smtp; …` on a line of its own stays what it is."""

    RE = re.compile(r"(?:^|\n)(?P<level>#{1,6}) ++(?P<header>(?:[^#\n]++|#++(?! *(?:\n|$)))*+)#* *(?:\n|$)")


class MarkerInLine(InlineProcessor):
    def __init__(self, grammar: Grammar):
        super().__init__(r"\[\[([^\[\]\n]*)\]\](?P<link>[(\[])?")
        self.grammar = grammar

    def handleMatch(self, match: re.Match, data: str) -> tuple[Element | None, int | None, int | None]:
        words = match[1]
        kind, *rest = words.lower().split() or [""]
        if kind not in KINDS:
            if rest and kind.isalpha() and not words[0].isspace() and not match["link"]:
                raise self.grammar.problem(words, f"is no marker. {KNOWN}")
            return None, None, None
        marker = self.grammar.read_marker(words)
        if marker.kind != "code":
            raise self.grammar.problem(
                words,
                "becomes a table: it must stand on a line of its own, with a blank line before and after.",
            )
        return code_span(marker), match.start(0), match.end(1) + 2


class TagPair(InlineProcessor):
    """`<kbd>Ctrl</kbd>` and its like, without any attribute the author may have given."""

    def handleMatch(self, match: re.Match, data: str) -> tuple[Element, int, int]:
        element = Element(match[1].lower())
        element.text = match[2]
        return element, match.start(0), match.end(0)


def link_text(data: str, start: int) -> tuple[str, int, bool]:
    """Read up to the closing bracket; the parser's own way reads to the end of the passage for every `[` left open."""
    match = LINK_TEXT.match(data, start)
    return (match[1], match.end(), True) if match else ("", start, False)


def link_target(pattern: InlineProcessor, data: str, start: int) -> tuple[str, str | None, int, bool]:
    match = LINK_TARGET.match(data, start)
    if match is None:
        return "", None, start, False
    title = match["double"] or match["single"]
    address = pattern.unescape(match["angle"] or match["bare"] or "")
    return address.strip(), title and fold_spaces(pattern.unescape(title)), match.end(), True
