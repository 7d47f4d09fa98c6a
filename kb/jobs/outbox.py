"""Mails are rows, written in the transaction that makes them necessary; `sending` gives them to the mail server."""

import re

from kb.jobs.models import Mail
from kb.text.plain import excerpt

HEADER_NAME = re.compile(r"(List|X)-[A-Za-z-]+|In-Reply-To|References")
# Also marks that turn the order of the letters around.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
UNSENDABLE = re.compile(r"[\x00\ud800-\udfff]+")
LONGEST_SUBJECT = 200


def send_later(
    key: str, *, to: str, subject: str, text: str, reply_to: str = "", headers: dict[str, str] | None = None
) -> Mail:
    """Have this mail sent soon, if the caller's transaction is kept. Asked for twice by one key, it is one mail.

    Raises ValidationError, in words, where an address is none.
    """
    mail = Mail(
        key=key,
        recipient=to,
        reply_to=reply_to,
        subject=excerpt(CONTROL.sub(" ", subject), LONGEST_SUBJECT - 1),
        text=UNSENDABLE.sub("", text),
        headers=checked(headers or {}),
    )
    mail.clean_fields()
    words = {name: getattr(mail, name) for name in ("recipient", "reply_to", "subject", "text", "headers")}
    return Mail.objects.get_or_create(key=key, defaults=words)[0]


def checked(headers: dict[str, str]) -> dict[str, str]:
    """The same; they come from our own code, so a wrong one is a mistake there."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or CONTROL.search(value) or not value.isascii():
            raise ValueError(f"“{name}” is no header to send, or its value does not fit into one line.")
    return headers
