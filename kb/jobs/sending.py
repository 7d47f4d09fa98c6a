"""Sending what waits in the outbox, one mail after the other and outside of any transaction."""

import logging
import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime, formataddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from kb.jobs.models import Mail
from kb.jobs.smtp import PerhapsSent
from kb.jobs.working import described
from kb.text.plain import fold_spaces

ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
CRASHED = "The server stopped while this mail was on its way, so nobody knows whether it arrived."
SILENT = "The mail server took the mail and did not say what became of it."
log = logging.getLogger(__name__)


class OutOfReach(Exception):
    """The mail server cannot be reached or will not have us; all mails wait."""


def send_due(now: datetime | None = None, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send all that is due; returns how many were sent. Raises OutOfReach where the mail server is."""
    _tell_what_was_left_behind(now or timezone.now())
    sent = 0
    while go_on() and (mail := Mail.objects.due(now or timezone.now()).first()):
        sent += _send(mail, now)
    return sent


def _tell_what_was_left_behind(now):
    left = Mail.objects.left_behind(now)
    if left.exists():  # while there is nothing to tell, nothing is written
        left.update(state=Mail.State.UNCLEAR, last_error=CRASHED)


def _send(mail, now):
    """A connection for each: first open, then claimed, so that a server out of reach costs no mail an attempt."""
    connection = _opened(now or timezone.now())
    try:
        if not mail.claim(now or timezone.now()):  # another worker was quicker
            return False
        return _hand_over(mail, connection, now)
    finally:
        with suppress(Exception):  # what the server thinks of our goodbye changes nothing
            connection.close()


def _opened(now):
    connection = get_connection()
    try:
        connection.open()
    except (OSError, ValueError) as problem:  # smtplib's own errors are OSErrors
        with suppress(Exception):
            connection.close()
        told = f"The mail server cannot be reached or does not let us in ({_said(problem)})."
        Mail.objects.due(now).exclude(last_error=told).update(last_error=told)
        raise OutOfReach(told) from problem
    return connection


def _hand_over(mail, connection, now):
    try:
        connection.send_messages([message_of(mail)])
    except Exception as problem:
        _tell(mail, problem, now or timezone.now())
        return False
    mail.become(Mail.State.SENT, sent_at=now or timezone.now(), last_error="")
    return True


def _tell(mail, problem, now):
    told = _said(problem)
    code = _refusal(problem)[0]
    if 400 <= code <= 499 or isinstance(problem, smtplib.SMTPServerDisconnected):
        mail.try_later(now, told)
    elif 500 <= code <= 599:
        mail.become(Mail.State.REFUSED, last_error=told)
    else:
        mail.become(Mail.State.UNCLEAR, last_error=SILENT if isinstance(problem, PerhapsSent) else told)
    log.error("Mail %s was not sent at attempt %s: %s", mail.pk, mail.attempts + 1, told)


def _said(problem):
    """The codes the server spoke, or what kind of trouble it was; never words, which may name people."""
    code, words = _refusal(problem)
    if not code:
        return described(problem)
    enhanced = ENHANCED.match(words)
    return f"The mail server said {code}{f' {enhanced[1].decode()}' if enhanced else ''}"


def _refusal(problem):
    """(reply code, the server's words), or zero where it was no reply."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return next(iter(problem.recipients.values()))
    if isinstance(problem, smtplib.SMTPResponseException):
        words = problem.smtp_error
        return problem.smtp_code, words if isinstance(words, bytes) else b""
    return 0, b""


def message_of(mail: Mail) -> EmailMessage:
    own = {
        "Message-ID": mail.message_id,
        "Date": format_datetime(mail.made_at),
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(
        mail.subject,
        mail.text,
        formataddr((fold_spaces(settings.SITE_NAME), settings.DEFAULT_FROM_EMAIL)),
        [mail.recipient],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={**mail.headers, **own},
    )
