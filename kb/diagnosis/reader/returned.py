"""Where the returned message begins: after its headers stands what the person wrote, not what a server said."""

import re
from itertools import islice

# In small letters. A line of hyphens before it, or a colon or "follows" after it, makes it a heading.
COPY = re.compile(
    r"(?:copy of (?:the|your) (?:original )?(?:message|mail)|copy of the message headers?|copy of|original (?:message|mail|e-mail)|returned (?:message|mail)"
    r"|unsent message|undelivered message|rejected message|message (?:text|header|body|copy)|header of the original|header of|below this line|your message)"
)
RULE = re.compile(r"[-=*_|+#]{2}[ >|]{0,8}[^-\n|]{0,30}$")
FOLLOWS = re.compile(
    r"s?(?: headers?)?(?::|[ ]{1,4}(?:is (?:below|attached|included)|follows?\b|headers?:|:))"
)
HEADERS = re.compile(
    r"(?:^|\s)(?:Received|Return-Path|From|To|Subject|Date|Message-ID|MIME-Version|DKIM-Signature|Content-Type|X-[\w-]{1,40}):",
    re.IGNORECASE,
)
TRACE = re.compile(
    r"(?:received: ?(?:from|by|\()|dkim-signature: ?\w=|arc-seal: ?\w=|x-received: ?by|received-spf: ?\w|x-google-dkim-signature:)"
)
FORWARDED = re.compile(
    r"From:[^\n]{0,60}(?:mailer-daemon|mail delivery|postmaster|microsoft outlook|mail system|daemon)",
    re.IGNORECASE,
)
NEAR = 320
MOST_PHRASES = 200


def kept_length(text: str) -> int:
    """How much of the text comes before the returned message."""
    small = text.lower()
    if len(small) != len(text):  # a few letters grow when they are made small
        small = text
    trace = _first_trace(text, small)
    for match in islice(COPY.finditer(small, 0, trace), MOST_PHRASES):
        if not RULE.search(small[max(0, match.start() - 42) : match.start()]) and not FOLLOWS.match(
            small, match.end()
        ):
            continue
        after = text[match.end() : match.end() + NEAR]
        if FORWARDED.search(after):  # a person passes a bounce on, and that is what we want to read
            continue
        if HEADERS.search(after) or len(text) - match.end() < 60:
            return _line_start(text, match.start())
    return trace


def _first_trace(text, small):
    for match in islice(TRACE.finditer(small), MOST_PHRASES):
        begins = not match.start() or small[match.start() - 1].isspace()
        if (
            begins
            and text[: match.start()].strip()
            and not FORWARDED.search(text, match.end(), match.end() + 3000)
        ):
            return match.start()
    return len(text)


def _line_start(text, place):
    """The beginning of a short line; in a text flattened to one line, the place itself."""
    start = text.rfind("\n", 0, place) + 1
    return start if place - start < 100 else place
