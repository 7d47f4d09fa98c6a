"""A mail taken apart with patience: wrong boundaries, missing headers, any charset. Its parts in the order they stand."""

import binascii
import re
from dataclasses import dataclass, field, replace
from itertools import islice

from kb.diagnosis.reader.normal import decoded, normal, plain_of_html
from kb.diagnosis.reader.returned import kept_length

HEADER = re.compile(r"([!-9;-~]{1,80})[ \t]*:[ \t]?(.*)")
KNOWN = re.compile(
    r"(?im)^(?:from|to|subject|date|received|return-path|message-id|mime-version|content-type|delivered-to|reply-to|x-[a-z-]{1,60})[ \t]*:"
)
PROOF = re.compile(
    r"(?im)^(?:from|subject|received|return-path|message-id|mime-version|content-type|delivered-to)[ \t]*:"
)
DELIMITER = re.compile(r"(?m)^--(\S[^\n]{0,200}?)[ \t]*$")
BOUNDARY = re.compile(r"(?i)\bboundary\s*=\s*(?:\"([^\"\n]{1,200})\"|([^\s;\"]{1,200}))")
CHARSET = re.compile(r"(?i)\bcharset\s*=\s*\"?([^\s;\"]{1,40})")
PART_HEADER = re.compile(r"(?i)\n(?:[ \t]*\n)?(?:content-[a-z-]{1,40}|mime-version)[ \t]*:")
NOTICE = re.compile(r"\bMIME\b|multi-?part", re.IGNORECASE)
TRACE = re.compile(
    r"(?im)^(?:received|dkim-signature|return-path|message-id|x-[a-z-]{1,60}|from|subject|to|date):"
)
WIDEST_TEXT = 400_000  # letters of one part
MOST_PARTS = 200
MOST_DELIMITERS = 20_000


@dataclass(frozen=True)
class Part:
    kind: str  # "text", "report", "feedback", "receipt", "returned", "other"
    text: str = ""
    is_html: bool = False


@dataclass(frozen=True)
class Mail:
    headers: dict[str, str]
    parts: list[Part] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Part]:
        return [part for part in self.parts if part.kind in kinds]


def is_mail(raw: str) -> bool:
    """Does it begin as a mail does: header lines that are a mail's own, then an empty line?"""
    head = _head_and_body(raw.lstrip("\n ")[:40_000])[0]
    lines = [line for line in head.split("\n") if not line.startswith((" ", "\t", "From ", ">From "))]
    if not lines or not HEADER.match(lines[0]):
        return False
    named = sum(1 for line in lines if HEADER.match(line))
    return named * 2 > len(lines) and len(KNOWN.findall(head)) >= 2 and bool(PROOF.search(head))


def open_mail(raw: str) -> Mail:
    """`raw` has one letter a byte and plain line ends."""
    head, body = _head_and_body(raw.lstrip("\n "))
    headers = _headers(head)
    pieces = _pieces(body, _boundaries(head))
    if len(pieces) == 1:
        return Mail(headers, [_part(headers, body, first=True)])
    return Mail(headers, list(_parts(body, pieces)))


def _head_and_body(raw):
    head, _, body = raw.partition("\n\n")
    return head, body


def _headers(head: str) -> dict[str, str]:
    """Names in small letters; of a repeated name the first. A line that is no header goes on with the last."""
    found: dict[str, list[str]] = {}
    last: list[str] = []
    for line in head.split("\n"):
        match = None if line.startswith((" ", "\t")) else HEADER.match(line)
        if match:
            last = [match[2]]
            found.setdefault(match[1].lower(), last)
        elif len(last) < 50:
            last.append(line.strip())
    return {name: decoded(" ".join(lines).encode("latin-1", "replace")) for name, lines in found.items()}


def _boundaries(text):
    return {a or b for a, b in BOUNDARY.findall(text)}


def _pieces(body, declared):
    """(how deep, from, to) of what stands between delimiters; after a closing one the depth is told below zero.
    A delimiter is a line "--x" whose x was declared anywhere, or that opens with a part's headers: the header's
    boundary may be another than the body's."""
    stack: list[str] = []
    pieces, at, depth = [], 0, 0
    known = declared | _boundaries(body)
    for match in islice(DELIMITER.finditer(body), MOST_DELIMITERS):
        token = match[1]
        closes = token.endswith("--") and token[:-2] in stack
        if (
            not closes
            and token not in known
            and not (" " not in token and PART_HEADER.match(body, match.end()))
        ):
            continue
        pieces.append((depth, at, match.start()))
        at = match.end() + 1
        token = token[:-2] if closes else token
        if token in stack:
            del stack[stack.index(token) + (not closes) :]
        elif not closes:
            stack.append(token)
        depth = -len(stack) if closes else len(stack)
        if len(pieces) >= MOST_PARTS:
            break
    return [*pieces, (depth, at, len(body))]


def _parts(body, pieces):
    """The report's own: everything deeper than a returned message belongs to it, and so does all that follows where a
    text before the first delimiter ends in one."""
    before = normal(decoded(body[: pieces[0][2]].encode("latin-1", "replace")))
    if len(before.split()) > 8 and not NOTICE.search(before[:200]):
        yield Part("text", before)
        if kept_length(before) < len(before):
            return
    returned_at = 0
    for number, (depth, start, end) in enumerate(pieces):
        if depth <= 0 or (returned_at and depth > returned_at):
            continue
        head, text = _split_part(body[start:end])
        part = _part(head, text, first=False)
        returned_at = depth if part.kind == "returned" else 0
        if part.kind == "returned":
            part = replace(
                part,
                text=part.text + body[end : _end_of_returned(pieces[number + 1 :], depth, end)][:WIDEST_TEXT],
            )
        yield part


def _end_of_returned(following, depth, end):
    """A returned message goes on through its own parts."""
    for other, start, stop in following:
        if 0 < other <= depth or (other <= 0 and -other < depth):
            return start - 1
        end = stop
    return end


def _split_part(text):
    if not HEADER.match(text.lstrip("\n")):
        return {}, text
    head, body = _head_and_body(text.lstrip("\n") if text.lstrip("\n")[:8].lower() == "content-" else text)
    return (_headers(head), body) if HEADER.match(head) else ({}, text)


def _part(headers, body, *, first):
    form = headers.get("content-type", "text/plain").lower()
    kind = _kind(form)
    if kind == "returned":
        return Part(kind, body[:WIDEST_TEXT])
    if kind == "other":
        return Part(kind)
    text = _text(headers, body[:WIDEST_TEXT])
    is_html = "html" in form.partition(";")[0] or _looks_like_html(text)
    plain = normal(plain_of_html(text) if is_html else text)
    if kind == "text" and not first and _is_trace(plain):
        kind = "returned"
    return Part(kind, plain, is_html)


def _kind(form):
    if "delivery-status" in form.partition(";")[0]:
        return "report"
    if "feedback-report" in form.partition(";")[0]:
        return "feedback"
    if "disposition-notification" in form.partition(";")[0]:
        return "receipt"
    if form.startswith("message/") or "rfc822" in form.partition(";")[0]:
        return "returned"
    return "text" if form.startswith(("text", "multipart")) or "/" not in form else "other"


def _text(headers, body):
    raw = body.encode("latin-1", "replace")
    how = headers.get("content-transfer-encoding", "").strip().lower()
    try:
        if how == "base64":
            raw = binascii.a2b_base64(raw + b"===")
        elif how == "quoted-printable":
            raw = binascii.a2b_qp(raw)
    except ValueError:
        pass  # shown as it stands
    charset = CHARSET.search(headers.get("content-type", ""))
    return decoded(raw, charset[1] if charset else "")


def _looks_like_html(text):
    return text.lstrip()[:15].lower().startswith(("<html", "<!doctype html", "<head", "<body"))


def _is_trace(text):
    """The headers of the returned message, sent as a text part of their own."""
    return len(TRACE.findall(text[:3000])) >= 4 and bool(TRACE.match(text.lstrip()))
