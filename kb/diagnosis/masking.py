"""What may be shown, and what may be kept, of a text that names people: addresses half hidden, and the bare skeleton."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kb.diagnosis.reader.normal import normal
from kb.diagnosis.reader.people import addresses_in
from kb.diagnosis.reader.speech import REPLY, STATUS

DOTS = "•••"
LONGEST_SKELETON = 2000
LONGEST_WORD = 24
LONGEST_CLASS = 80  # an exception's name
EDGES = ".,;:!?()[]{}<>\"'*#|-–=/\\~^%&$+`´’‘“”„«»…"
CODE = re.compile(rf"#?(?:{REPLY}|{STATUS}|{REPLY}[- ]#?{STATUS})")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
# Words as “unknownUserException” joins them. A run of capitals can be read in one way only: with two ways for each pair of
# letters, sixty of them would take the matcher years.
HUMPS = re.compile(
    r"[A-ZÀ-Þ]?[a-zà-ÿ]{2,}+(?:[A-Z](?:[A-Z]{2,})?[a-z]+)*(?:[A-Z]{2,}[a-z]*)?|[A-Z]{2,8}(?:[A-Z][a-z]+)*"
)
ADDRESS = re.compile(
    r"[^\s<>@]{0,200}@[^\s<>@]{0,200}|[^\s@]{1,100}\s?[\[({]\s?(?:at|ät)\s?[\])}]\s?[^\s@]{1,100}(?:\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?[^\s@]{1,60}){0,4}",
    re.IGNORECASE,
)
QUOTED = re.compile(
    r"\"[^\"\n]{0,300}\"|(?<!\w)'[^'\n]{0,300}'(?!\w)|`[^`\n]{0,300}`|[“„«‘][^\n“”„«»‘’]{0,300}[”“»’]|\"[^\"\n]{0,300}$",
    re.MULTILINE,
)
NAME = r"[^\W\d_][^\s,;:.!?()<>@\"“”„]{0,40}\.?"
# What stands behind these words is a person's or a secret, unless it is one of the words that tell about it.
OWNERS = frozenset(
    {
        "user",
        "users",
        "username",
        "usernames",
        "login",
        "log-in",
        "password",
        "passwort",
        "kennwort",
        "account",
        "mailbox",
        "konto",
    }
    | {
        "benutzer",
        "nutzer",
        "postfach",
        "compte",
        "usuario",
        "utente",
        "recipient",
        "sender",
        "customer",
        "kunde",
        "kundin",
        "helo",
    }
    | {"ehlo", "alias"}
)
FIELDS = "subject|betreff|thema|objet|asunto|oggetto|from|von|to|an|cc|bcc|reply-to|sender|sent|thread-topic|x-display-name"
GREETINGS = (
    "dear|hello|hi|hey|hallo|liebe[r]?|sehr geehrte[r]?|guten tag|herrn?|frau|mrs?|ms|miss|dr|prof|sir|madam|monsieur|madame|bonjour|cher|chère|señora?|estimad[oa]|caro|cara|gentile"
    "|my name is|i am called|ich hei(?:ß|ss)e|mein name ist|je m'appelle|me llamo|regards|grü(?:ß|ss)en?|greetings|sincerely|cordialement|saludos|thanks|danke"
)
# A name after a greeting, a title or a farewell, or before an address; no word behind which something else is left out.
ONE_NAME = rf"(?!(?:{GREETINGS}|{FIELDS}|{'|'.join(sorted(OWNERS))})\b){NAME}"
NAMED = re.compile(
    rf"\b(?P<before>(?:{GREETINGS})[.,:!]?[ \n]{{1,3}}){ONE_NAME}(?:[ -]{ONE_NAME}){{0,3}}", re.IGNORECASE
)
# The rest of the line is somebody's own words.
FIELD = re.compile(rf"(?m)^[ ]*(?:{FIELDS})[ ]?:[^\n]*", re.IGNORECASE)
DISPLAYED = re.compile(rf"(?:{NAME}[ ,]{{1,2}}){{1,4}}(?=[<(\[]?[ ]?<?[^\s<>@]{{1,64}}@)")
BETWEEN = frozenset({"is", "ist", "name", "named", "namens", "for", "of"})
WORDS_THAT_TELL = """
    unknown not does doesn't did has have had was is are be been full over exceeded quota unavailable
    disabled suspended locked name address rejected denied blocked refused inactive unreachable found
    exist exists existing temporarily permanently cannot can't could couldn't and or in on at for of the
    this that your limit size storage domain failed verification id error verify ok invalid allowed
    accepted unrouteable reached restricted restrictions by from to with authentication required
    credentials incorrect wrong reset change setup settings access voll unbekannt nicht ist gesperrt
    leer plein saturée inconnu llena lleno server host ip client reputation policy system deferred
    mailbox mail email account user recipient recipients list login password table ein eine einen
    einrichten anlegen ändern löschen wird wurde kein keine für mit auf und oder erreichbar existiert
    n'existe est es no existe
    """
TOLD = frozenset(WORDS_THAT_TELL.split()) | OWNERS
STATES = {
    "bounced",
    "deferred",
    "sent",
    "expired",
    "failed",
    "delayed",
    "relayed",
    "delivered",
    "none",
    "smtp",
    "esmtp",
    "lmtp",
    "local",
    "virtual",
}


@dataclass(frozen=True)
class Hidden:
    """A place of the text and what is shown there instead."""

    start: int
    end: int
    shown: str


def hidden_in(text: str) -> list[Hidden]:
    """Every address with the little of it that may be seen on a screen."""
    return [Hidden(start, end, _half(address)) for address, start, end in addresses_in(text)]


def masked(text: str) -> str:
    """The text with each address as a•••@example.com."""
    pieces, at = [], 0
    for place in hidden_in(text):
        pieces += [text[at : place.start], place.shown]
        at = place.end
    return "".join([*pieces, text[at:]])


def _half(address):
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}{DOTS}@{domain}"


def skeleton(text: str, known: Iterable[str] = ()) -> str:
    """What may be logged: words and codes; addresses, hosts, numbers, quotations and names as their kind alone.
    `known` are marks of providers, which say who speaks and are nobody's secret: they stay."""
    text = normal(text[: LONGEST_SKELETON * 4])
    text = NAMED.sub(r"\g<before> <name> ", text)
    for pattern, kind in (
        (FIELD, "<line>"),
        (DISPLAYED, "<name>"),
        (ADDRESS, "<address>"),
        (QUOTED, "<quoted>"),
    ):
        text = pattern.sub(f" {kind} ", text)
    marks = sorted({mark.lower() for mark in known if mark.strip()}, key=len, reverse=True)
    return " ".join(_words(text.split(), marks))[:LONGEST_SKELETON].lower()


def _words(tokens, marks):
    is_owned = False
    for token in tokens:
        word = _plain(token, marks)
        small = token.strip(EDGES).lower()
        if (
            is_owned
            and small
            and small not in TOLD | BETWEEN
            and word == token.strip(EDGES)
            and not CODE.fullmatch(small)
        ):
            word = "<name>"
        is_owned = small in OWNERS or (is_owned and (not small or small in BETWEEN))
        if word:
            yield word


def _plain(token, marks):
    if token in KINDS:
        return token
    core = token.strip(EDGES)
    if not core:
        return ""
    if CODE.fullmatch(core) or CODE.fullmatch(core.removeprefix("b'")):
        return core
    key, is_pair, value = core.partition("=")
    if is_pair and WORD.fullmatch(key) and len(key) <= LONGEST_WORD:
        value = value.strip(EDGES)
        return f"{key}={value if CODE.fullmatch(value) or value.lower() in STATES else '<id>'}"
    small = core.lower()
    for mark in marks:
        if mark in small:
            return mark
    return core if WORD.fullmatch(core) and _is_a_word(core) else _kind(core)


KINDS = {"<line>", "<name>", "<address>", "<quoted>"}


def _is_a_word(core):
    """Letters as words have them, not as random strings do."""
    is_class = core.endswith(("Exception", "Error", "Denied"))
    if len(core) > (LONGEST_CLASS if is_class else LONGEST_WORD):
        return False
    return not core.isascii() or all(
        HUMPS.fullmatch(part) or len(part) == 1 or part.isupper() for part in re.split(r"[’'-]", core)
    )


def _kind(core):
    if re.fullmatch(r"[0-9.]+|[0-9a-f.]*:[0-9a-f:.]+", core, re.IGNORECASE):
        return "<number>"
    if "/" in core or "\\" in core:
        return "<path>"
    return "<host>" if "." in core else "<id>"
