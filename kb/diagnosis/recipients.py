"""Who was told what: the codes heard in a text, by recipient, the best first."""

from dataclasses import replace

from kb.diagnosis.people import Person, addresses_in
from kb.diagnosis.reading import Recipient, Spoken
from kb.diagnosis.report import KIND, Group
from kb.diagnosis.speech import Heard, heard_in, without_repeats, words_from

MOST_RECIPIENTS = 100
LIKELY = 25.0


def told(
    text: str, end: int, groups: list[Group], heard: list[Heard], people: list[Person], named: list[str]
) -> list[Recipient]:
    """The recipients of a report if there is one, else those the text names. `named` are known from a mail's header."""
    if groups:
        return _of_report(text, end, groups, heard, people)
    return _of_text(text, end, heard, people, named)


def _of_report(text, end, groups, heard, people):
    spoken = [(address, _spoken(text, end, one)) for one, address in _attributed(text, heard, people)]
    recipients = []
    for group in groups[:MOST_RECIPIENTS]:
        mine = [said for address, said in spoken if len(groups) == 1 or address.lower() in group.addresses]
        recipients.append(Recipient(group.address, best_first(_reported(text, group, mine))))
    return recipients


def _reported(text, group, prose):
    """What the report says of one recipient; what the prose says of it stands behind, unless it says more."""
    diagnostic = _diagnostic(text, group)
    status = _status(text, group)
    first = next((said for said in diagnostic if said.reply), None)
    if first:
        prose = [_behind(first, said) for said in prose]
    return [*diagnostic, *status, *prose]


def _behind(first, said):
    """A local closing line names another code; the remote server's own pair says more than its bare reply code."""
    says_more = said.source == "remote" and said.status and not first.status
    if says_more and (said.reply[:1] == first.reply[:1] or said.reply == "421"):
        return said
    return replace(said, score=min(said.score, first.score - 5))


def _diagnostic(text, group):
    field = group.fields.get("diagnostic-code")
    if field is None:
        return []
    words = without_repeats(KIND.sub("", group.value("diagnostic-code"), count=1))
    found = [
        Spoken(
            one.reply,
            one.status,
            words,
            one.start,
            one.end,
            "diagnostic-code",
            _in_field(one, number),
            group.host,
        )
        for number, one in enumerate(heard_in(text, field.start, field.end))
    ]
    return (
        found or [Spoken("", "", words, field.start, field.end, "diagnostic-code", 20.0, group.host)]
        if words
        else []
    )


def _in_field(one, number):
    score = 100.0 + 20 * bool(one.reply and one.status) - 3 * min(number, 20)
    return score / 20 if not one.is_refusal else score - 40 * (not one.reply)


def _status(text, group):
    field = group.fields.get("status")
    found = heard_in(text, field.start, field.end)[:1] if field else []
    return [
        Spoken("", one.status, group.value("diagnostic-code"), one.start, one.end, "status", 45.0, group.host)
        for one in found
        if one.status
    ]


def _of_text(text, end, heard, people, named):
    likely = [one for one in heard if one.score >= LIKELY]
    by_address: dict[str, list[Spoken]] = {}
    shown: dict[str, str] = {}
    for one, address in _attributed(text, likely, people):
        shown.setdefault(address.lower(), address)
        by_address.setdefault(address.lower(), []).append(_spoken(text, end, one))
    by_address = _without_nobody(by_address)
    for person in people:
        if (person.is_sure or not by_address) and person.address.lower() not in by_address:
            shown[person.address.lower()] = person.address
            by_address[person.address.lower()] = [_words_to(text, end, person)]
    for address in named:
        if not by_address.keys() - {""}:
            by_address = {address.lower(): by_address.get("", [])}
            shown[address.lower()] = address
    return [
        Recipient(shown.get(address, ""), best_first(said))
        for address, said in list(by_address.items())[:MOST_RECIPIENTS]
    ]


def _without_nobody(by_address):
    """What was said to nobody by name was said to the only one who is named."""
    if "" in by_address and len(by_address) == 2:
        (name,) = by_address.keys() - {""}
        return {name: by_address[""] + by_address[name]}
    return by_address


def _attributed(text, heard, people):
    """(heard, address): the address in the words themselves, else the one of the line, else the last before it."""
    sure = [person for person in people if person.is_sure] or people
    known = {person.address.lower(): person.address for person in people}
    index = 0
    for one in heard:
        while index < len(sure) and sure[index].start < one.start:
            index += 1
        yield (
            one,
            _named_after(text, one, known)
            or _in_its_line(text, one, sure, index)
            or (sure[index - 1].address if index else ""),
        )


def _named_after(text, one, known):
    for address, start, _ in addresses_in(text, one.end, min(len(text), one.end + 80)):
        return known.get(address.lower(), "") if start - one.end < 6 else ""
    return ""


def _in_its_line(text, one, sure, index):
    """A log line names its recipient before or after."""
    start = text.rfind("\n", 0, one.start)
    end = text.find("\n", one.end)
    if index and sure[index - 1].start > start:
        return sure[index - 1].address
    if index < len(sure) and (end < 0 or sure[index].start < end):
        return sure[index].address
    return ""


def _spoken(text, end, one):
    return Spoken(
        one.reply, one.status, words_from(text, one.start, end), one.start, one.end, one.source, one.score, ""
    )


def _words_to(text, end, person):
    """Where no code is named: what stands behind the address."""
    start = person.end + (text[person.end : person.end + 2] == ">:")
    words = words_from(text, start, end).lstrip(">:;,. ")
    return Spoken("", "", words, person.start, person.end, "words", 0.0, "")


def best_first(said: list[Spoken]) -> tuple[Spoken, ...]:
    """The best made whole with what the others know; each pair of codes once."""
    ranked = sorted(said, key=lambda one: -one.score)
    if not ranked:
        return ()
    whole = _whole(ranked)
    once = {(whole.reply, whole.status): whole}
    for one in ranked:
        says_nothing_new = not one.reply and (
            not one.status or (whole.status and one.status.endswith(".0.0"))
        )
        if not says_nothing_new:
            once.setdefault((one.reply, one.status), one)
    return tuple(once.values())


def _whole(ranked):
    best = next((one for one in ranked if one.reply and one.score >= LIKELY), ranked[0])
    if best.status and not best.status.endswith(".0.0"):
        return best
    level = (best.reply or best.status)[:1]
    others = [one for one in ranked if one.status and (one.status[0] == level or not level)]
    others.sort(key=lambda one: one.status.endswith(".0.0"))
    lone = [one for one in others if not one.reply or one.reply == best.reply]
    if best.status:
        lone = [one for one in lone if one.source == "status" and not one.status.endswith(".0.0")]
    return replace(best, status=lone[0].status) if lone else best
