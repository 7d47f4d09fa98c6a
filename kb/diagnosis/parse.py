"""read(source) → Reading: which codes a mail server spoke, to whom, in which words. Says nothing about what they mean."""

from kb.diagnosis.lines import codes_in
from kb.diagnosis.reading import Reading, Recipient, Spoken


def read(source: str | bytes) -> Reading:
    """Any text a person may have at hand. Never raises."""
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    said = tuple(
        Spoken(pair.reply, pair.enhanced, _line_at(text, pair.start), pair.start, pair.end)
        for pair in codes_in(text)
    )
    nature = "bounce" if said else "none"
    return Reading(text, False, nature, (Recipient("", said),) if said else (), text.lower(), text)


def _line_at(text, place):
    return text[text.rfind("\n", 0, place) + 1 :].partition("\n")[0].strip()
