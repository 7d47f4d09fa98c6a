"""The addresses of a text, and which of them are recipients: by what stands around them."""

import re
from dataclasses import dataclass

DOMAIN = re.compile(r"@(?=[^\W_])([\w-]{1,63}(?:\.[\w-]{1,63}){0,8})")
NO_LOCAL_PART = re.compile(r"[\s<>()\[\],;:\"|=]|rfc822")
MOST_ADDRESSES = 400
# What stands before a recipient.
RECIPIENT = re.compile(
    r"(?:^|\n)[ ]*+(?:(?:->|[*•>-])[ ]*+)?[<\"']?$"
    r"|\b(?:rcpt to|recipient(?: address)?|addressed to|failed recipient|rcpt|to)[ ]?[:=][ ]?<?$"
    r"|recipient: ?rfc822 ?; ?<?$"
    r"|(?:\*\*|==|->|=>) <?$"
    r"|\b(?:rejected|reject|refused) (?:the )?(?:rcpt|recipient)[ ]?:? ?<?$",
    re.IGNORECASE,
)
PERHAPS = re.compile(
    r"(?:\bdelivered to|\bdeliver(?:ing)?(?: your| the)? (?:mail|message)? ?to|\b(?:mail|message) (?:sent )?(?:to|for)|following address(?:es)?|\bundeliverable to|\brecipients?|\b[245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3} )?|\{|: ?)[ :]{0,3}['\"<]{0,2}$"
    r"|[\"'](?:e-?mail(?:address)?|recipient|rcpt|to)[\"']\s?:\s?[\"']$",
    re.IGNORECASE,
)
SENDER = re.compile(
    r"\b(?:from|sender|mail from|return-path|ctladdr|f|envelope-from|contact|reply-to|cc|bcc|author|owner)[ ]?[:=][ ]?<?$",
    re.IGNORECASE,
)
AFTER_IN_LINE = re.compile(r"[>\"']?[ ]{0,2}(?:[:,(.;<]|\n|$|on |error|delivery |and |\[|-)", re.IGNORECASE)
IN_LINE = re.compile(r"(?:^|\n)[ ]*+(?:(?:->|[*•>-])[ ]*+)?[<\"']?$")


@dataclass(frozen=True)
class Person:
    address: str
    start: int
    end: int
    is_sure: bool


def addresses_in(text: str, start: int = 0, end: int | None = None):
    """(address, start, end) of each, in order."""
    for match in DOMAIN.finditer(text, start, len(text) if end is None else end):
        before = NO_LOCAL_PART.split(text[max(start, match.start() - 128) : match.start()])[-1].lstrip(".'`#")
        if before:
            begin = match.start() - len(before)
            yield text[begin : match.end()], begin, match.end()


def people_in(text: str, end: int) -> list[Person]:
    """Whoever seems to be meant as a recipient: surely, or perhaps."""
    found: list[Person] = []
    for number, (address, begin, stop) in enumerate(addresses_in(text, 0, end)):
        if number >= MOST_ADDRESSES:
            break
        before = text[max(0, begin - 60) : begin]
        if SENDER.search(before):
            continue
        if RECIPIENT.search(before):
            is_sure = not IN_LINE.search(before) or bool(AFTER_IN_LINE.match(text, stop))
            found.append(Person(address, begin, stop, is_sure))
        elif PERHAPS.search(before):
            found.append(Person(address, begin, stop, False))
    return found
