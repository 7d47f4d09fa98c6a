"""Codes in a text with what speaks for them: who said them, and how sure that is. One window before each is looked at."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice

STATUS = r"[245]\.[0-9]\.[0-9]{1,3}(?!\.?\d)"  # no subject has two digits, versions do
REPLY = r"[2-5][0-5][0-9]"
CODE = re.compile(
    # 550 5.1.1, 550-5.1.1, (550, b'5.1.1, 550 #5.1.1, 550-'5.1.1, and broken into two lines
    rf"(?<![\w./@$%+-])(?<!\w[#:,])(?P<reply>{REPLY})(?:[ \-#:(\[',;\"b]{{1,5}}|[ -]?\n[ ]{{0,16}})(?P<status>{STATUS})(?![\w@/-])"
    rf"|(?<![\w./@-])(?P<lone_status>{STATUS})(?![\w@/])"
    rf"|(?<![\w./@$%+-])(?<!\w[#,])(?<!\d:)(?P<lone_reply>{REPLY})"
    r"(?![\w/@%]|[.,:]\d|-\d\d|\s?(?:[KMG]i?B|bytes|octets|ms|s|sec|secs|seconds|min|minutes|hours|hrs|days|recipients|messages|mails|people|users)\b)"
)
NUMBER_BEGINS = re.compile(r"[2-5](?<!\w[2-5])")
WINDOW = 150
# What stands right before a code, strongest first: name, score, how far it reaches, the signs it may end with, and its form.
EVIDENCE = [
    (
        "remote",
        90.0,
        WINDOW,
        ":,\"'[(<",
        re.compile(
            r"<<<\s{0,3}$"
            r"|\b(?:said|replied|responded|answered|reported|returned|response|reply|error from remote|remote host|other server"
            r"|did not like our|to talk to me|reason|rejected by|error message|following)\b[^:\n]{0,90}(?:\n[^:\n]{0,90})?:\s{0,20}[\"'\[(<]{0,3}$"
            r"|\b(?:returned|responded|replied|said|server)\s{1,3}[\"'\[(]{1,2}$"
            r"|\bhost\s\S{1,120}\s?(?:\[[^\]\n]{3,60}\])?(?::\d{1,5})?\s{0,2}:\s{0,20}$"
            r"|\[\d[\d.:a-f]{2,40}\](?::\d{1,5})?[:,]\s{0,20}$",
            re.IGNORECASE,
        ),
    ),
    ("smtp", 80.0, 24, ";", re.compile(r"\b(?:smtp|lmtp|esmtp)\s?;\s{0,12}$", re.IGNORECASE)),
    ("address", 76.0, 100, ":", re.compile(r"@[\w.-]{1,90}[>)]{0,2}\s?:\s{0,12}$")),
    ("status", 66.0, 8, "=", re.compile(r"\b(?:dsn|status)=$", re.IGNORECASE)),
    (
        "error",
        64.0,
        32,
        "",
        re.compile(
            r"(?:codes?|error|errno|err|response|smtp|failed|failure|exception|got|with|reject|rejected|denied|result|returned|reply|dsn|stat|status|message)"
            r"\b[\"']{0,2}(?:\(s\))?\s{0,2}[:=#-]{0,2}\s{0,2}[\"'\[(<#]{0,2}$",
            re.IGNORECASE,
        ),
    ),
    ("line", 60.0, 24, "", re.compile(r"(?:^|\n)[ ]*(?:[*•|-] ?)?[\"'\[(#]{0,2}$")),
    ("quoted", 58.0, 4, "", re.compile(r"[\"'\[({`]#?$|\(#$|b[\"']$")),
    ("text", 55.0, 8, "", re.compile(r"[:;>=]\s{0,4}#?$")),
    ("address", 50.0, 100, "", re.compile(r"@[\w.-]{1,90}[>)]{0,2}\s{1,4}$")),
    ("inner", 30.0, 4, ">", re.compile(r"->\s?$")),
    ("text", 40.0, 4, "", re.compile(r"\s-\s?$|[,.]\s{1,2}$|[#(]$")),
]
NUMBERS = re.compile(
    r"\b(?:ports?|lines?|zeile|row|size|length|id|pid|uid|gid|number|no|nr|version|ver|v|build|page|event|ticket|ref|reference|case|order"
    r"|process|after|within|than|last|about|next|past|of|over|under|limit|max|maximum|http|rfc|at|in|room|phone|tel|error id|mta|cve|kb|postfix"
    r"|exim|sendmail|phpmailer|openssl|microsoft|windows|exchange|outlook)\.?(?:/\d\.\d)?\s{0,2}[#:=(\[\"]{0,2}\s?$",
    re.IGNORECASE,
)
KEY = re.compile(
    r"\b(?!(?:[a-z_-]{0,12}(?:code|reply|response|status|error|err|stat|reject|smtp|led))=)[a-z_-]{1,30}=[\"'\[]?$",
    re.IGNORECASE,
)
AFTER_A_NUMBER = re.compile(r"\d[ /-]$|\.[a-z]{1,5}:$")  # a telephone's, or the line of a file
EXPECTED = re.compile(r"\b(?:expected|expecting|instead of)\b[^\n]{0,40}$", re.IGNORECASE)
# Sequels of a refusal that came before: nobody is helped by them.
SEQUEL = re.compile(
    r"[^\n]{0,40}\b(?:need rcpt|no valid recipient|valid rcpt|bad sequence|need mail|no recipients|all rcpt commands|need rcpt command)",
    re.IGNORECASE,
)
# What follows a code that somebody speaks.
ANSWER = re.compile(
    r"[ :-]{1,3}[^\n]{0,50}\b(?:unknown|reject|den(?:y|ied)|not |no |mailbox|user|recipient|address|relay|spam|block|quota|full|fail|invalid|unavailable|error"
    r"|service|message|sender|policy|refuse|requested|sorry|disabled|host|temporar|try again|too many|exceed|account|authenticat|must|please|access)",
    re.IGNORECASE,
)
MOST_ALIKE = 40  # of one pair; later ones say nothing new
MOST_CODES = 20_000
MOST_WEIGHED = 600
LONGEST_WORDS = 900
MOST_LINES = 30
TURN = re.compile(r"\n|\s(?:<<<|>>>)|\s(?=[245]\d\d [245]\.\d\.\d)")
AGAIN = re.compile(r"\s{0,3}<<<\s{1,3}")
SURE = 95.0  # as a pair behind “said:” or “smtp;” is
# Where somebody else speaks. Each way begins with its own letter, which lets the search run fast. An address four
# letters in goes on with what was said: so Postfix folds `550 5.1.1 <address>: Recipient address rejected`.
STOP = re.compile(
    r"\((?:in|en) (?:reply|response) to"
    r"|\n(?:[^\S\n]*+\n|<<<|>>>|\.\.\. ?while|[-=*_]{3}|[ ]{0,3}<?[^\s<>@]{1,64}@|[ ]{0,4}[A-Z][\w-]{2,40}: |Giving up on|I'm not going|\[RCPT_TO\]"
    r"|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:|\d{4}-\d\d-\d\d)"
    r"|;(?: from=<| proto=)"
    r"| (?:Giving up on |>>> |<<< |--- Below|----- )"
)


@dataclass(frozen=True)
class Heard:
    """A code where it stands, what speaks for it, and how much."""

    reply: str
    status: str
    start: int
    end: int
    source: str
    score: float

    @property
    def level(self) -> str:
        return (self.reply or self.status)[:1]

    @property
    def is_refusal(self) -> bool:
        return self.level in "45"


def heard_in(text: str, start: int = 0, end: int | None = None) -> list[Heard]:
    """All codes between two places that are likely some server's, married where one stands near the other."""
    end = len(text) if end is None else end
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Heard] = []
    weighed = 0
    for match in islice(_codes_in(text, start, end), MOST_CODES):
        pair = match["reply"] or match["lone_reply"] or "", match["status"] or match["lone_status"] or ""
        seen[pair] += 1
        if seen[pair] > MOST_ALIKE:
            continue
        if one := _weighed(text, match, *pair, start):
            found.append(one)
        weighed += 1
        if weighed >= MOST_WEIGHED:
            break
    return _inner_behind(text, married(text, found))


def _weighed(text, match, reply, status, start):
    place = match.start()
    before = text[max(start, place - WINDOW) : place]
    if not (reply and status) and _is_a_number(text, match, before, reply):
        return None
    source, score = _evidence(before)
    if reply and status:
        score += 20
    elif source == "":
        score = 30 if reply and ANSWER.match(text, match.end()) else 12
    if EXPECTED.search(before[-60:]):
        return None
    return Heard(
        reply,
        status,
        place,
        match.end(),
        source or "text",
        _tempered(score, reply, status, text, match.end()),
    )


def _is_a_number(text, match, before, reply):
    """A port, a line, a version: what stands before says so."""
    if reply and before.endswith("[") and text[match.end() : match.end() + 1] == "]":
        return True
    if NUMBERS.search(before[-30:]) or (reply and before.endswith("=") and KEY.search(before[-45:])):
        return True
    return bool(reply) and bool(AFTER_A_NUMBER.search(before[-8:])) and not before.endswith(f"{reply} ")


def _evidence(before):
    last = before.rstrip()[-1:]
    for source, score, width, endings, pattern in EVIDENCE:
        if (not endings or last in endings) and pattern.search(before[-width:]):
            return source, score
    return "", 30.0


def _tempered(score, reply, status, text, end):
    if (reply or status)[0] in "23":
        return score / 20
    if reply == "503" or SEQUEL.match(text, end):
        return score / 3
    return score


def _codes_in(text, start, end):
    """What `CODE.finditer` finds; it is tried only where a number begins, for most of a text has none."""
    for number in NUMBER_BEGINS.finditer(text, start, end):
        if number.start() >= start and (code := CODE.match(text, number.start(), end)):
            start = code.end()
            yield code


def married(text: str, heard: list[Heard]) -> list[Heard]:
    """A lone reply code and a lone enhanced code of its class near it belong together: `552 mailbox full (#5.2.2)`."""
    result: list[Heard] = []
    for one in heard:
        last = result[-1] if result else None
        if last and _are_a_pair(text, last, one):
            result[-1] = _joined(last, one)
        else:
            result.append(one)
    return result


def _are_a_pair(text, first, second):
    if (
        bool(first.reply) == bool(second.reply)
        or bool(first.status) == bool(second.status)
        or first.level != second.level
    ):
        return False
    between = text[first.end : second.start]
    return (
        len(between) <= 260
        and "\n\n" not in between
        and "\n<<<" not in between
        and "@" not in between[-40:].partition("\n")[2]
    )


def _joined(first, second):
    better = max(first, second, key=lambda one: one.score)
    return replace(
        better,
        reply=first.reply or second.reply,
        status=first.status or second.status,
        start=first.start if first.reply else second.start,
        end=first.end if first.reply else second.end,
        score=better.score + 10,
    )


def _inner_behind(text, heard):
    """What stands in the words that a server's pair opens was said to it by yet another server, so it comes behind."""
    result: list[Heard] = []
    outer, words_end = None, 0
    for one in heard:
        if outer and one.start < words_end and one.score >= outer.score - 10:
            one = replace(one, score=outer.score - 10)
        elif one.reply and one.status and one.is_refusal and one.score >= SURE:
            outer, words_end = one, _end_of_words(text, one.start, min(len(text), one.start + 400))
        result.append(one)
    return result


def words_from(text: str, start: int, limit: int) -> str:
    """What was said, from its code to where somebody else speaks; continuation codes are left out."""
    if text[max(0, start - 5) : start].strip().endswith("<<<"):
        return words_in_session(text, start, limit)
    end = _end_of_words(text, start, min(limit, start + LONGEST_WORDS))
    return without_repeats(" ".join(text[start:end].split()))


def words_in_session(text: str, start: int, limit: int) -> str:
    """The lines of one answer in a transcript, each behind `<<<`; below it the sending program closes in its own words."""
    lines: list[str] = []
    code, at = text[start : start + 3], start
    while len(lines) < MOST_LINES:
        stop = TURN.search(text, at, limit)
        end = stop.start() if stop else limit
        lines.append(text[at:end])
        again = AGAIN.match(text, end, limit)
        if not again or not text.startswith(code, again.end()):
            break
        at = again.end()
    return without_repeats(" ".join(" ".join(lines).split())[:LONGEST_WORDS])


def words_around(text: str, start: int, limit: int) -> str:
    """The same where the code may stand behind the words: `Sorry, no mailbox here. (#5.1.1)`."""
    if not text[max(0, start - 2) : start].endswith(("(#", "#", "(")):
        return words_from(text, start, limit)
    before = text[max(0, start - WINDOW * 2) : start]
    first = max(before.rfind("\n\n") + 2, before.rfind(">:") + 2, 0)
    end = text.find(")", start, start + 40)
    return " ".join(text[start - len(before) + first : end + 1 or start + 40].split())


def _end_of_words(text, start, limit):
    stop = STOP.search(text, start, limit)
    return stop.start() if stop else limit


REPEATED = re.compile(rf"({REPLY})-({STATUS})?\s?")


def without_repeats(words: str) -> str:
    """`550-5.1.1 No such 550-5.1.1 user 550 5.1.1 here` as `550 5.1.1 No such user here`."""
    first = REPEATED.match(words)
    if not first or words.count(first[1]) < 2:
        return words
    again = re.compile(
        rf"(?<=\s){first[1]}[ -](?:{re.escape(first[2])}\s?)?" if first[2] else rf"(?<=\s){first[1]}[ -]"
    )
    lead = f"{first[1]} {first[2]} " if first[2] else f"{first[1]} "
    return lead + again.sub("", words[first.end() :])
