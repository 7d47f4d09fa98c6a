"""Codes typed plain in prose, told by their form and only where it is certain."""

import re
from collections.abc import Iterator

REPLY = r"[2-5][0-5][0-9]"
ENHANCED = r"[245]\.[0-9]{1,3}\.[0-9]{1,3}"
END = r"(?![\w/@%]|[.,:]\d|-\d{3})"  # not the beginning of a longer number, version, address, date or time
SPOKEN = rf"{REPLY}(?:[ -]{ENHANCED})?"

CODE = re.compile(rf"{ENHANCED}|{REPLY}")
CERTAIN = re.compile(
    rf"(?P<software>\b(?:(?i:version|v|dovecot|exim|openssl|postfix|sendmail)[ ]?)v?\d[\d.]*)"
    rf"|(?<![\w.:/@,-]){REPLY}[ -]{ENHANCED}{END}"
    rf"|(?<![\w.:/@,-]){ENHANCED}{END}"
    rf"|(?<![\w-])(?i:codes?|errors?|reply|replies|smtp):?\s{SPOKEN}(?:(?:,\s|\s(?:and|or)\s|/){SPOKEN})*{END}"
)


def typed_codes(text: str) -> Iterator[tuple[int, int]]:
    """Where the codes stand: those next to a word or a code that leaves no doubt."""
    for stretch in CERTAIN.finditer(text):
        if not stretch["software"]:
            for code in CODE.finditer(text, *stretch.span()):
                yield code.span()


def is_code(text: str) -> bool:
    return CODE.fullmatch(text) is not None
