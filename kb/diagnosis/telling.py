"""A diagnosis in words, for a terminal or the mail of a server: what happened, who must act, what to do."""

import re
from collections.abc import Iterator
from textwrap import fill, indent

from kb.codes.acting import HEADINGS, Role
from kb.codes.advising import advice_for
from kb.codes.models import Advice
from kb.diagnosis.answers import Answer, Diagnosis

WIDTH = 88
NO_BOUNCE = {
    "success": "Nothing failed: the mail was handed over.",
    "auto-reply": "This is an automatic reply, not a bounce. Nothing failed.",
    "abuse-report": "This is a report about unwanted mail, not a bounce. Nothing failed.",
}
NOTHING = "No error of a mail server was found in it. Give the whole bounce, with its technical part."
MARKER = re.compile(r"\[\[\w+ (?:\S+ )?(\S+)\]\]")
LINK = re.compile(r"\[([^\]]{1,1000})\]\(([^)\s]{1,1000})\)")


def told(diagnosis: Diagnosis) -> Iterator[str]:
    """The lines for a person."""
    if opening := NO_BOUNCE.get(diagnosis.nature):
        yield opening
    elif not diagnosis.answers:
        yield NOTHING
    advice = advice_for([answer.grounds for answer in diagnosis.answers]) if diagnosis.answers else []
    for number, (answer, given) in enumerate(zip(diagnosis.answers, advice, strict=True)):
        if number or opening:
            yield ""
        yield from _answer(answer, given)


def _answer(answer: Answer, given: list[Advice]) -> Iterator[str]:
    codes = " ".join(str(code) for code in (answer.reply, answer.enhanced) if code)
    name = answer.cause.name if answer.cause else answer.code.label if answer.code else ""
    yield " · ".join(filter(None, [codes, name, str(answer.provider or ""), answer.recipient.address]))
    if answer.meaning:
        yield from _labelled("What happened", answer.meaning)
    yield from _labelled("Who must act", ", ".join(Role(role).label for role in answer.who_acts) or "Nobody")
    if answer.in_brief:
        yield from _labelled("What to do", f"{answer.in_brief}.")
    for advice in _for_whoever_acts(answer, given):
        yield ""
        yield f"{HEADINGS[advice.role]}:"
        yield indent(_plain(advice.text), "  ")
    yield ""
    yield from _labelled(f"Sure: {answer.sure}", answer.why)
    if answer.causes:
        yield from _labelled("Also possible", ", ".join(cause.name for cause in answer.causes[:3]))


def _for_whoever_acts(answer: Answer, given: list[Advice]) -> list[Advice]:
    return [advice for advice in given if advice.role in answer.who_acts]


def _labelled(label: str, text: str) -> list[str]:
    return fill(f"{label}: {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False).splitlines()


def _plain(markdown: str) -> str:
    """Its Markdown without the signs that a terminal does not show; lists stay as they are."""
    text = LINK.sub(r"\1 (\2)", MARKER.sub(r"\1", markdown.strip()))
    return "\n".join(_wrapped(line) for line in text.replace("**", "").replace("`", "").splitlines())


def _wrapped(line: str) -> str:
    hanging = " " * (len(line) - len(line.lstrip(" ")) + (3 if re.match(r"\s*(\d+\.|-) ", line) else 0))
    return fill(line, WIDTH - 2, subsequent_indent=hanging, break_on_hyphens=False, break_long_words=False)
