"""What betrays a provider, and the words in which wordings are looked for."""

import re
from itertools import islice

from kb.diagnosis.reader.mail import Mail
from kb.diagnosis.reader.report import Group
from kb.diagnosis.reader.speech import without_repeats
from kb.diagnosis.reading import Recipient

NAME = r"(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24}"
SPEAKER = re.compile(
    rf"(?:\bhost|relay=|talking to|server|remote-mta ?: ?dns ?;|<<<|\bat|\bvia|\bby)\s{{1,4}}<?({NAME})\b|relay=({NAME})|(?<![a-z0-9_-])({NAME})\s?\[[0-9a-f.:]{{3,45}}\]",
    re.IGNORECASE,
)
BEFORE = 220  # letters before a code in which its speaker is named
# The sending program's own line below a server's answer.
CLOSING = re.compile(r"(?m)^([ ]*<<< [^\n]*\n)[245]\d\d [^\n]*$")
MOST_HOSTS = 30
LONGEST = 60_000


def marks_of(text: str, mail: Mail | None, groups: list[Group], recipients: list[Recipient]) -> str:
    """Remote hosts first, then the words said to each recipient, the whole text, and last who sent the report."""
    hosts = [*(group.host for group in groups), *hosts_in(text[:LONGEST])]
    said = [one.text for person in recipients for one in person.said[:1]]
    sender = [mail.headers.get(name, "") for name in ("from", "x-mailer")] if mail else []
    return "\n".join(dict.fromkeys(line for line in [*hosts, *said, text[:LONGEST], *sender] if line)).lower()


def hosts_in(text: str) -> list[str]:
    """Hosts that are named as servers, in order."""
    return [
        name
        for found in islice(SPEAKER.finditer(text), MOST_HOSTS)
        if (name := next(filter(None, found.groups())))
    ]


def host_before(text: str, place: int) -> str:
    """Who says what begins here: the last server named before, in the same paragraph."""
    near = text[max(0, place - BEFORE) : place].rpartition("\n\n")[2]
    return next(reversed(hosts_in(near)), "").lower()


def words_of(text: str, recipients: list[Recipient]) -> str:
    """What was said to each recipient, a line each, best first; then the whole text, a line each paragraph."""
    said = [one.text for person in recipients for one in person.said]
    paragraphs = re.split(r"\n\s*\n", CLOSING.sub(r"\1", text[:LONGEST]))
    lines = (without_repeats(" ".join(paragraph.split())) for paragraph in paragraphs)
    return "\n".join(dict.fromkeys(line for line in [*said, *lines] if line))
