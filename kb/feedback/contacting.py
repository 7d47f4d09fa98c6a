"""A letter to our support: the person's own words, what they chose to send along, and how we read it."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from kb.diagnosis import bottom_line
from kb.diagnosis.answers import Diagnosis
from kb.jobs.outbox import send_later

SALT = "kb.feedback.contacting"
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that sounds or looks like another
LENGTH = 6


@dataclass(frozen=True)
class Letter:
    message: str
    email: str
    subject: str = ""
    mail: str = ""  # the text of a mail that came as a file

    def mark(self, key: str) -> bytes:
        """The same for the same letter sent again from the same page, and only for that."""
        parts = "\x1f".join([key, self.email, self.subject, self.message, self.mail])
        return salted_hmac(SALT, parts, algorithm="sha256").digest()


def new_key() -> str:
    """For a page that a letter can be sent from: sent twice from there, it is one letter."""
    return secrets.token_urlsafe(12)


@transaction.atomic
def send(letter: Letter, diagnosis: Diagnosis, *, key: str) -> str:
    """Have it sent to the support address; returns the reference that the person can name."""
    mark = letter.mark(key)
    reference = _spoken(mark)
    send_later(
        f"contact {mark.hex()}",
        to=settings.SUPPORT_EMAIL,
        reply_to=letter.email,
        subject=f"[{reference}] {letter.subject or subject_for(diagnosis)}",
        text=_text(letter, diagnosis, reference),
        headers={"X-Codebook-Reference": reference},
    )
    return reference


def subject_for(diagnosis: Diagnosis) -> str:
    """Named by what we read, so that nobody has to think of one."""
    best = diagnosis.best
    if best is None:
        return "A question"
    return " ".join([*bottom_line.codes_of(best), bottom_line.name_of(best)])


def _spoken(mark: bytes) -> str:
    """CB-7F3K-2Q: short enough to be read out on the telephone."""
    number, signs = int.from_bytes(mark[:8], "big"), []
    for _ in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        signs.append(LETTERS[rest])
    return f"CB-{''.join(signs[:4])}-{''.join(signs[4:])}"


def _text(letter, diagnosis, reference):
    parts = [
        f"{letter.email} wrote through {settings.SITE_URL}/contact/ (reference {reference}):",
        letter.message or "(no message, only a mail)",
    ]
    if letter.mail:
        parts += ["---- The mail they sent along ----", letter.mail]
    told = bottom_line.summary(diagnosis)
    parts += ["---- How we read it ----", told or "No error was found in it."]
    return "\n\n".join(parts)
