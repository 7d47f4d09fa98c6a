"""Who was told what: the codes heard in a text, by recipient, the best first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kb.diagnosis.reader.marks import host_before
from kb.diagnosis.reader.people import Person, addresses_in
from kb.diagnosis.reader.report import KIND, Group
from kb.diagnosis.reader.speech import Heard, heard_in, without_repeats, words_around, words_from
from kb.diagnosis.reading import Recipient, Spoken

MOST_RECIPIENTS = 100
LIKELY = 25.0
NEXT_TO = 6  # letters between a code and the address in its words
THEIR_OWN = {"diagnostic-code", "remote", "smtp"}  # a server's own words
REPORTED = 100.0  # the score of what a report's own field says


@dataclass(frozen=True)
class Scene:
    """A text up to the returned message, what was heard in it, and who is named."""

    text: str
    end: int
    heard: list[Heard]
    people: list[Person]
    named: list[str]  # recipients that a mail's header names


def told(scene: Scene, groups: list[Group]) -> list[Recipient]:
    """The recipients of a report if there is one, else those that the text names."""
    return _of_report(scene, groups[:MOST_RECIPIENTS]) if groups else _of_text(scene)


def _of_report(scene, groups):
    spoken = [(address.lower(), said) for said, address in _attributed(scene)]
    words = [(person.address.lower(), _words_to(scene, person)) for person in scene.people if person.is_sure]
    recipients = []
    for group in groups:
        mine = [said for address, said in spoken if len(groups) == 1 or address in group.addresses]
        said = _reported(group, mine)
        if not any(one.text for one in said):
            said = _with_words(
                said, next((one for address, one in words if one.text and address in group.addresses), None)
            )
        recipients.append(Recipient(group.address, best_first(said)))
    return recipients


def _with_words(said, words):
    """A report without a diagnosis: what the prose says behind the address."""
    if words is None:
        return said
    return [replace(one, text=words.text) for one in said] or [words]


def _reported(group, prose):
    """What the report says of one recipient; what the prose says of it stands behind, unless it says more."""
    diagnostic = _diagnostic(group)
    first = next((said for said in diagnostic if said.reply), None)
    if first:
        prose = [_behind(first, said) for said in prose]
    return [*diagnostic, *_status(group), *prose]


def _behind(first, said):
    """A local closing line names another code; the remote server's own pair says more than its bare reply code."""
    says_more = said.source == "remote" and said.status and not first.status
    if says_more and (said.reply[:1] == first.reply[:1] or said.reply == "421"):
        return said
    return replace(said, score=min(said.score, first.score - 5))


def _diagnostic(group):
    field = group.fields.get("diagnostic-code")
    words = without_repeats(KIND.sub("", group.value("diagnostic-code"), count=1))
    if not words:
        return []
    found = heard_in(group.text, field.start, field.end)
    if not found:
        return [Spoken("", "", words, field.start, field.end, "diagnostic-code", LIKELY - 5, group.host)]
    return [
        Spoken(one.reply, one.status, words, one.start, one.end, "diagnostic-code", score, group.host)
        for one, score in zip(found, map(_in_field, found, range(len(found))), strict=True)
    ]


def _in_field(one, number):
    if not one.is_refusal:
        return REPORTED / 20
    return REPORTED + 20 * bool(one.reply and one.status) - 40 * (not one.reply) - 3 * min(number, 15)


def _status(group):
    field = group.fields.get("status")
    words = KIND.sub("", group.value("diagnostic-code"), count=1)
    found = heard_in(group.text, field.start, field.end)[:1] if field else []
    return [
        Spoken("", one.status, words, one.start, one.end, "status", REPORTED / 2, group.host)
        for one in found
        if one.status
    ]


def _of_text(scene):
    said: dict[str, list[Spoken]] = {}
    for spoken, address in _attributed(scene):
        said.setdefault(address.lower(), []).append(spoken)
    said = _to_the_only_one(said)
    for person in scene.people:
        if person.is_sure or not said:
            said.setdefault(person.address.lower(), [_words_to(scene, person)])
    if scene.named and not said.keys() - {""}:
        said = {scene.named[0].lower(): said.get("", []), **{name.lower(): [] for name in scene.named[1:]}}
    shown = {address.lower(): address for address in [*scene.named, *(one.address for one in scene.people)]}
    return [Recipient(shown.get(name, name), best_first(said[name])) for name in list(said)[:MOST_RECIPIENTS]]


def _to_the_only_one(said):
    """What was said to nobody by name was said to the only one who is named."""
    if "" in said and len(said) == 2:
        (name,) = said.keys() - {""}
        return {name: said[""] + said[name]}
    return said


def _attributed(scene) -> Iterator[tuple[Spoken, str]]:
    """With whom it was said to: the address in the words, else the one of the line, else the last before it."""
    sure = [person for person in scene.people if person.is_sure] or scene.people
    known = {person.address.lower(): person.address for person in scene.people}
    index = 0
    for one in scene.heard:
        while index < len(sure) and sure[index].start < one.start:
            index += 1
        before = sure[index - 1].address if index else ""
        address = _named_after(scene.text, one, known) or _in_its_line(scene.text, one, sure, index) or before
        yield _spoken(scene, one), address


def _named_after(text, one, known):
    for address, start, _ in addresses_in(text, one.end, min(len(text), one.end + 80)):
        return known.get(address.lower(), "") if start - one.end < NEXT_TO else ""
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


def _spoken(scene, one):
    words = (words_from if one.reply else words_around)(scene.text, one.start, scene.end)
    host = host_before(scene.text, one.start)
    return Spoken(one.reply, one.status, words, one.start, one.end, one.source, one.score, host)


def _words_to(scene, person):
    """Where no code is named: what stands behind the address."""
    start = person.end + (scene.text[person.end : person.end + 2] == ">:")
    words = words_from(scene.text, start, scene.end).lstrip(">:;,. ")
    return Spoken("", "", words, person.start, person.end, "words", 0.0)


def best_first(said: list[Spoken]) -> tuple[Spoken, ...]:
    """The best made whole with what the others know; each pair of codes once."""
    ranked = sorted(said, key=lambda one: -one.score)
    if not ranked:
        return ()
    whole = _whole(ranked)
    if whole.source in THEIR_OWN and whole.status:
        ranked = [one for one in ranked if one.source != "line"]  # the sending program's closing line
    once = {(whole.reply, whole.status): whole}
    for one in ranked:
        if one.reply or (one.status and not (whole.status and _is_general(one.status))):
            once.setdefault((one.reply, one.status), one)
    return tuple(once.values())


def _whole(ranked):
    """A reply code takes the enhanced code of its class that says most; one that says nothing gives way to the report's."""
    best = next((one for one in ranked if one.reply and one.score >= LIKELY), ranked[0])
    if best.status and not _is_general(best.status):
        return best
    level = (best.reply or best.status)[:1]
    others = [one for one in ranked if one.status and one.status[0] == (level or one.status[0])]
    others = [one for one in others if _may_lend(one, best)]
    others.sort(key=lambda one: _is_general(one.status))
    return replace(best, status=others[0].status) if others else best


def _may_lend(one, best):
    if best.status:
        return one.source == "status" and not _is_general(one.status)
    return not one.reply or one.reply == best.reply


def _is_general(status):
    return status.endswith(".0.0")
