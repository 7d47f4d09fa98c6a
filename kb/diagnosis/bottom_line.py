"""What a diagnosis comes to, in a few words: what happened, is it tried again, who must act. Nothing of the text itself
is in them, so no address either."""

from django.conf import settings

from kb.codes.acting import Role
from kb.codes.models import CodeClass
from kb.diagnosis import answers as rungs
from kb.diagnosis.answers import Answer, Diagnosis

SURE = {
    rungs.STRONG: "Quite sure",
    rungs.FAIR: "Fairly sure",
    rungs.WEAK: "Not sure",
}
PEOPLE = {
    Role.SENDER: "the sender",
    Role.RECIPIENT: "the recipient",
    Role.SENDER_ADMIN: "the administrator of the sending server",
    Role.RECIPIENT_ADMIN: "the administrator of the receiving server",
    Role.STAFF: "our support",
}
CODES_ALONE = {rungs.BY_ENHANCED, rungs.BY_REPLY, rungs.BY_CLASS}
NOT_A_BOUNCE = {
    "auto-reply": "An automatic reply, such as an absence note. It reports no error: the mail arrived.",
    "abuse-report": "A complaint about a mail (an abuse report). It reports no error of delivery.",
    "success": "Nothing failed. The server reports success.",
}
MOST_CAUSES = 3
Outcome = CodeClass.Outcome


def outcome_of(answer: Answer) -> str:
    """That of the class of the code that says most; nothing where no code was spoken."""
    code = answer.code or answer.enhanced or answer.reply
    return code.code_class.outcome if code and code.code_class else ""


def stands_on_code(answer: Answer) -> bool:
    """The words told nothing and the code may have several causes: its cause is a guess and no headline."""
    return answer.rung in CODES_ALONE and answer.sure == rungs.WEAK and answer.code is not None


def name_of(answer: Answer) -> str:
    """What happened, in a few words."""
    if outcome_of(answer) == Outcome.SUCCESS:
        return "Nothing failed"
    if answer.code and (answer.cause is None or stands_on_code(answer)):
        return answer.code.label
    return answer.cause.name if answer.cause else "An error without a code"


def meaning_of(answer: Answer) -> str:
    if answer.code and stands_on_code(answer):
        return answer.code.meaning
    return answer.meaning


RETRY: dict = {
    Outcome.SUCCESS: "There is nothing to send again.",
    Outcome.INTERMEDIATE: "The conversation goes on: the server waits for the next step.",
    Outcome.TRANSIENT: "Yes. The sending server tries again by itself, usually for some days.",
    Outcome.PERMANENT: "No. Sent again as it is, it fails again.",
}


def retry(answer: Answer, diagnosis: Diagnosis) -> str:
    """Whether the mail is sent again by itself."""
    outcome = outcome_of(answer)
    if outcome == Outcome.TRANSIENT and diagnosis.reading.is_mail and diagnosis.nature == "bounce":
        return "No longer. The server has tried for some time and given up: send it again once the cause is gone."
    return RETRY.get(outcome, "")


def summary(diagnosis: Diagnosis) -> str:
    """Some lines to copy or to send on, with the addresses of our pages."""
    if diagnosis.nature in NOT_A_BOUNCE and not diagnosis.answers:
        return NOT_A_BOUNCE[diagnosis.nature]
    told = dict.fromkeys(_told(answer, diagnosis) for answer in diagnosis.answers)
    return "\n\n".join(told)


def _told(answer, diagnosis):
    lines = [
        " ".join([*codes_of(answer), name_of(answer)]),
        meaning_of(answer),
        _line("Tried again", retry(answer, diagnosis)),
        _line("Who must act", _who(answer)),
        _line("Said by", str(answer.provider or "")),
        _line("How sure", f"{SURE[answer.sure]}. {answer.why}"),
        _line("Most likely" if stands_on_code(answer) else "Also possible", _causes(answer)),
        *_pages(answer),
    ]
    return "\n".join(line for line in lines if line)


def codes_of(answer: Answer) -> list[str]:
    """As they were spoken, the reply code first."""
    spoken = answer.spoken
    return [value for value in (spoken.reply, spoken.status) if value] if spoken else []


def _causes(answer):
    guessed = [answer.cause] if answer.cause and stands_on_code(answer) else []
    return ", ".join(cause.name for cause in [*guessed, *answer.causes][:MOST_CAUSES])


def _who(answer):
    return ", ".join(PEOPLE[role] for role in answer.who_acts) or "nobody"


def _line(name, value):
    return f"{name}: {value}" if value else ""


def _pages(answer):
    if answer.code:
        registry = answer.code.registry.slug
        yield f"{settings.SITE_URL}/codes/{registry}/{answer.code}/"
    if answer.cause:
        yield settings.SITE_URL + answer.cause.get_absolute_url()
