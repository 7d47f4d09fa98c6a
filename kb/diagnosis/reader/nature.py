"""What kind of text this is: a bounce, a delay, a success, or no answer of a mail server at all."""

import re

from kb.diagnosis.reader.mail import Mail
from kb.diagnosis.reader.report import Group

DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail delivery|mail system|mail administrator|system administrator|microsoft exchange|mdaemon|mail\.delivery",
    re.IGNORECASE,
)
FAILED = re.compile(
    r"(?:un|non.?)deliver|deliver\w{0,20} (?:\w{1,40} ){0,3}(?:fail|notif|status|problem|error|delay|has been|report)|fail\w{0,20} (?:\w{1,40} ){0,2}deliver|returned mail|return(?:ed|ing) (?:message )?to sender"
    r"|failure notice|mail (?:system )?(?:error|failure)|could ?n[o']t be (?:delivered|sent)|cannot be (?:delivered|sent)|not (?:be )?delivered|wasn't (?:able to )?deliver|unable to deliver|did not reach|could not (?:deliver|send)"
    r"|permanent (?:fatal )?(?:error|failure)|rejected|bounced|failed permanently|unzustellbar|non recapitabile|no se pudo entregar|non remis|n'a pas pu|mailbox (?:is )?full|over quota|user unknown|unknown user|blocked"
    r"|\bNDR\b|did not like our|trouble delivering|error sending your mail|temporarily unable|undeliverable|not.{0,20}zugestellt",
    re.IGNORECASE,
)
ABOUT_MAIL = re.compile(
    r"smtp|e-?mail|\bmail|rcpt|recipient|mailbox|transcript of session|unknown|denied|refused|relay|deferred|\bmx\b|\bspam\b",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"\bstatus=deferred|stat=deferred|\bwarning: (?:could not send|message still undelivered)|message (?:is|was|has been) delayed|delivery (?:is |has been )?delayed|delayed mail|has not (?:yet )?been delivered|still undelivered|will (?:keep trying|continue to)"
    r"|delay(?:ed)? (?:for|\d)|temporary failure report|defer \(-?\d",
    re.IGNORECASE,
)
ANSWERED = re.compile(
    r"\b(?:out of (?:the )?office|auto(?:matic|mated)?[ -]?(?:reply|response|answer|responder)|vacation|on holiday|away (?:from|until)|abwesenheit|abwesend|im urlaub|absence|fuera de (?:la )?oficina|r[ée]ponse automatique|risposta automatica|自動応答|自動返信|不在)",
    re.IGNORECASE,
)
# Pasted without its headers; a question about automatic replies is none.
AWAY = re.compile(
    r"\b(?:automatic reply|auto-?reply|abwesenheitsnotiz|automatische antwort|réponse automatique|respuesta automática|risposta automatica)\s?:"
    r"|\b(?:i am|i'm|i will be|ich bin|je suis|estoy)\b[^\n.?]{0,40}\b(?:out of (?:the )?office|away|on vacation|on holiday|urlaub|abwesend|nicht im (?:haus|büro)|absente?|fuera)\b",
    re.IGNORECASE,
)
ABUSE = re.compile(
    r"this is an? (?:\w{1,40} ){0,2}abuse report|feedback-type ?: ?\w|abuse report for an email",
    re.IGNORECASE,
)
DONE = {"delivered", "relayed", "expanded", "deliverable"}
NEAR_THE_TOP = 6000


def is_abuse_report(mail: Mail | None, text: str) -> bool:
    if mail:
        form = mail.headers.get("content-type", "").lower()
        if mail.of_kind("feedback") or "feedback-report" in form:
            return True
    return bool(ABUSE.search(text[:NEAR_THE_TOP]))


def is_auto_reply(mail: Mail | None, text: str) -> bool:
    """A person is away, or a program says it has read: unless a mail server speaks."""
    if mail is None:
        return bool(AWAY.search(text[:600])) and not FAILED.search(text[:NEAR_THE_TOP])
    if mail.of_kind("receipt"):
        return True
    if is_from_daemon(mail) or mail.of_kind("report") or "x-failed-recipients" in mail.headers:
        return False
    headers = mail.headers
    says_so = headers.get("auto-submitted", "no").lower().startswith(("auto-replied", "auto-generated"))
    says_so = (
        says_so
        or bool({"x-autoreply", "x-autorespond", "x-auto-response-suppress"} & headers.keys())
        or "auto_reply" in headers.get("precedence", "")
    )
    subject = headers.get("subject", "")
    if ANSWERED.search(subject) and not FAILED.search(subject):
        return True
    return says_so and not FAILED.search(subject + "\n" + text[:NEAR_THE_TOP])


def is_from_daemon(mail: Mail) -> bool:
    sender = mail.headers.get("from", "") + " " + mail.headers.get("return-path", "")
    return (
        bool(DAEMON.search(sender))
        or "x-failed-recipients" in mail.headers
        or "report-type=delivery-status"
        in mail.headers.get("content-type", "").replace(" ", "").replace('"', "")
    )


def is_a_failure(mail: Mail | None, text: str) -> bool:
    """Without a code: do the words, or the sender, say that mail was not delivered?"""
    if mail and (is_from_daemon(mail) or mail.of_kind("report")):
        return True
    return bool(FAILED.search((mail.headers.get("subject", "") + "\n" if mail else "") + text[:NEAR_THE_TOP]))


def is_about_mail(text: str) -> bool:
    return bool(ABOUT_MAIL.search(text[:NEAR_THE_TOP]))


def outcome(groups: list[Group], text: str, levels: set[str]) -> str:
    actions = {group.value("action").lower().strip(".") for group in groups} - {""}
    if actions and actions <= DONE:
        return "success"
    if "delayed" in actions and "failed" not in actions:
        return "delayed"
    if "2" in levels and not levels & {"4", "5"}:
        return "success"
    is_delayed = "5" not in levels and "failed" not in actions and DELAYED.search(text[:NEAR_THE_TOP])
    return "delayed" if is_delayed else "bounce"
