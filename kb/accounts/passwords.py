"""A link by mail for whoever has forgotten their password; Django's own tokens and views do the rest."""

import secrets
import time

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from kb import jobs
from kb.accounts.models import User
from kb.jobs.outbox import send_later

LINKS = "password_reset"
NOBODY = "nobody"
TEN_MINUTES = 600


class ResetForm(PasswordResetForm):
    """Queues the mail of each account with this address, or a piece of work that does nothing: both take as long."""

    def save(self, **options):
        people = list(self.get_users(self.cleaned_data["email"]))
        for key in [person.pk for person in people] or [f"{NOBODY} {secrets.token_hex(8)}"]:
            jobs.add(LINKS, key)


def send_link(key: str) -> None:
    """The token is made as late as this, so that it stands nowhere but in the mail."""
    person = (
        User.objects.filter(pk=key, is_active=True).exclude(email="").first() if key.isdecimal() else None
    )
    if person is None or not person.has_usable_password():
        return
    context = {
        "person": person,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "uid": urlsafe_base64_encode(force_bytes(person.pk)),
        "token": default_token_generator.make_token(person),
    }
    # One mail in ten minutes for one password, whoever asks from however many places: the link in it works all the while.
    moment, password = int(time.time() // TEN_MINUTES), person.get_session_auth_hash()[:16]
    send_later(
        f"password-reset:{person.pk}:{moment}:{password}",
        to=person.email,
        subject=render_to_string("accounts/password_reset_subject.txt", context),
        text=render_to_string("accounts/password_reset_mail.txt", context),
    )
