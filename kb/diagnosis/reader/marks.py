"""What betrays a provider, and the words in which wordings are looked for."""

import re
from itertools import islice

from kb.diagnosis.reader.mail import Mail
from kb.diagnosis.reader.report import Group
from kb.diagnosis.reader.speech import without_repeats
from kb.diagnosis.reading import Recipient

NAME = r"(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24}"
# Each way begins with its own letter, small, which lets the search run fast.
SPEAKER = re.compile(
    r"(?:h(?<!\wh)ost\s|relay=|talking to\s|server\s|remote-mta ?: ?dns ?;\s|<<<\s|a(?<!\wa)t\s|v(?<!\wv)ia\s|b(?<!\wb)y\s)"
    rf"\s{{0,3}}<?({NAME})\b"
)
IP = re.compile(r"\[[0-9a-f.:]{3,45}\]")
NAME_BEFORE = re.compile(rf"(?<![a-z0-9_-]){NAME}\s?$")
LONGEST_NAME = 255  # RFC 1035 §2.3.4
BEFORE = 220  # letters before a code in which its speaker is named
# The sending program's own line below a server's answer.
CLOSING = re.compile(r"(?m)^([ ]*<<< [^\n]*\n)[245]\d\d [^\n]*$")
BLANK_LINES = re.compile(r"\n(?:[^\S\n]*+\n)++")
MOST_HOSTS = 30
LONGEST = 60_000


def marks_of(text: str, mail: Mail | None, groups: list[Group], recipients: list[Recipient]) -> str:
    """Remote hosts first, then the words said to each recipient, the whole text, and last who sent the report."""
    hosts = [*(group.host for group in groups), *hosts_in(text[:LONGEST])]
    said = [one.text for person in recipients for one in person.said[:1]]
    sender = [mail.headers.get(name, "") for name in ("from", "x-mailer")] if mail else []
    return "\n".join(dict.fromkeys(line for line in [*hosts, *said, text[:LONGEST], *sender] if line)).lower()


def hosts_in(text: str) -> list[str]:
    """Hosts that are named as servers, or with their address, in order and in small letters."""
    text = text.lower()
    named = {found.start(1): found[1] for found in islice(SPEAKER.finditer(text), MOST_HOSTS)}
    addressed = (_name_before(text, found.start()) for found in IP.finditer(text))
    named |= dict(islice(filter(None, addressed), MOST_HOSTS))
    return [named[place] for place in sorted(named)][:MOST_HOSTS]


def _name_before(text, end):
    """(place, name) of what stands right before an address."""
    first = max(0, end - LONGEST_NAME)
    found = NAME_BEFORE.search(text, max(first, text.rfind(" ", first, end - 1) + 1), end)
    return found and (found.start(), found[0].rstrip())


def host_before(text: str, place: int) -> str:
    """Who says what begins here: the last server named before, in the same paragraph."""
    near = text[max(0, place - BEFORE) : place].rpartition("\n\n")[2]
    return next(reversed(hosts_in(near)), "")


def words_of(text: str, recipients: list[Recipient]) -> str:
    """What was said to each recipient, a line each, best first; then the whole text, a line each paragraph."""
    said = [one.text for person in recipients for one in person.said]
    paragraphs = BLANK_LINES.split(CLOSING.sub(r"\1", text[:LONGEST]))
    lines = (without_repeats(" ".join(paragraph.split())) for paragraph in paragraphs)
    return "\n".join(dict.fromkeys(line for line in [*said, *lines] if line))
