"""A text as a person may paste it, made plain: characters, quoting, entities, HTML. Every step takes linear time."""

import html
import re

CHARSETS = re.compile(
    r"(?:us-)?ascii|(?:x-)?(?:utf|iso|cp|win|koi|euc|big5|gb|shift|sjis|ks_c|mac|latin|tis|hz|johab)[a-z0-9_-]*",
    re.IGNORECASE,
)
ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso-8859-8",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_2",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "cp-850": "cp850",
}
SPACES = dict.fromkeys(
    map(ord, "\t\x0b\x0c\x85\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))), " "
)
NOTHING = dict.fromkeys(map(ord, "\x00\x07\x08\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
QUOTES = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\uff07"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\uff02"), '"'),
}
LINES = dict.fromkeys(map(ord, "\u2028\u2029"), "\n")
PLAIN = {**SPACES, **NOTHING, **HYPHENS, **QUOTES, **LINES}
QUOTED = re.compile(r"(?m)^(?:[ ]?[>|](?![>]{2} ?[A-Z]))+ ?")  # a transcript's ">>> RCPT" is no quoting
ENTITY = re.compile(r"&(?:[a-z]{2,6}|#[0-9]{1,5}|#x[0-9a-f]{1,4});", re.IGNORECASE)
MARKUP = re.compile(
    r"</?(?:br|p|div|span|table|tr|td|b|pre|a|html|body|blockquote|code|li|ul)\b[^<>]{0,500}/?>",
    re.IGNORECASE,
)
BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/pre|/table)\b[^<>]{0,500}>", re.IGNORECASE)
TAG = re.compile(r"<(?![^<>\s]{1,300}@)[/!?a-z][^<>]{0,4000}>", re.IGNORECASE)
# Escapes of programming languages: \r\n in a Python string, \" in JSON.
ESCAPED_BREAK = re.compile(r"\\r\\n|\\n(?=\s?[2-5][0-5][0-9][ -]|\s?[245]\.[0-9])")
ESCAPED_QUOTE = re.compile(r"\\(?=[\"'/])")
COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


def decoded(raw: bytes, charset: str = "") -> str:
    """Bytes as text: what is valid UTF-8 is UTF-8, whatever the label says; nothing is refused."""
    charset = charset.strip().strip("\"'").lower()
    if b"\x1b" in raw or charset.endswith("utf-7"):
        return _decoded_by(raw, charset) or _decoded_by(raw, "iso-2022-jp") or raw.decode("utf-8", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        if text.count("\ufffd") * 4 < sum(
            1 for letter in text if letter > "\x7f"
        ):  # cut off or damaged here and there
            return text
        return _decoded_by(raw, charset) or _decoded_by(raw, "cp1252") or raw.decode("latin-1")


def _decoded_by(raw, charset):
    if not CHARSETS.fullmatch(ALIASES.get(charset, charset)):
        return ""  # no codec by a stranger's word: some are slow, some are no text at all
    try:
        return raw.decode(ALIASES.get(charset, charset))
    except (LookupError, ValueError):
        return ""


def unpacked(raw: bytes) -> str:
    """A file's bytes as one letter a byte, so that a mail's parts can each be decoded in their own way."""
    for mark, charset in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if raw.startswith(mark):
            return packed(raw[len(mark) :].decode(charset, "replace"))
    return raw.decode("latin-1")


def packed(text: str) -> str:
    """The same for text: its UTF-8 as one letter a byte."""
    return text.encode("utf-8", "replace").decode("latin-1")


def normal(text: str) -> str:
    """Spaces, quotes, hyphens and line ends made plain; quoting, markup, entities and escapes undone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    if "\x1b" in text:
        text = COLOUR.sub("", text)
    if not text.isascii() or "\t" in text or "\x00" in text:
        text = text.translate(PLAIN)
    if "<" in text and MARKUP.search(text):
        text = plain_of_html(text)
    elif "&" in text and ENTITY.search(text):
        text = html.unescape(text).translate(PLAIN)
    if "\\" in text:
        text = ESCAPED_QUOTE.sub("", ESCAPED_BREAK.sub("\n", text))
    return _unquoted(text)


def _unquoted(text):
    """Without "> " before each line, where most lines have it."""
    lines = text.count("\n") + 1
    starts = text.count("\n>") + text.count("\n |") + text.count("\n >") + text.startswith((">", " >"))
    return QUOTED.sub("", text) if starts * 2 >= lines else text


def plain_of_html(text: str) -> str:
    for name in ("style", "script", "!--"):
        text = _without_element(text, name)
    text = TAG.sub(" ", BREAK.sub("\n", text))
    return html.unescape(text).translate(PLAIN)


def _without_element(text, name):
    """Cut `<style>…</style>` and the like, or to the end where none closes."""
    lower, kept, at = text.lower(), [], 0
    closing = "-->" if name == "!--" else f"</{name}"
    while (begin := lower.find(f"<{name}", at)) >= 0:
        kept.append(text[at:begin])
        end = lower.find(closing, begin)
        at = len(text) if end < 0 else end + len(closing)
    return "".join([*kept, text[at:]]) if kept else text


def folded(text: str) -> str:
    """All white space as single spaces."""
    return " ".join(text.split())
