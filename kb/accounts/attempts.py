"""Tries to sign in: guessing is slowed down without keeping the owner of a name out.

Every try counts for its networks. A name is counted for each network apart, so that wrong tries from elsewhere take nothing
from its owner; many of them in all only lower what each network may try. A browser that has signed in by the name before
is counted by itself alone. Names that do not exist are counted in the same way.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from kb.accounts.models import User
from kb.guard import throttle
from kb.jobs.outbox import send_later

SALT = "kb.accounts.attempts"
YEAR = 365 * 24 * 3600
LONGEST_NAME = 150
MOST_NAMES = 5  # of people who share a browser
MOST_WAITING = 1000

WARNING_SUBJECT = "Wrong passwords for your account"
WARNING = """Somebody tried to sign in to {site} as “{name}” with a wrong password, many times within an hour.

You can sign in as always; whoever tries from elsewhere is slowed down. If that was not you, you need do nothing, as long as \
your password is long and used nowhere else. To choose another:
{change}

You get this mail once a day at most.
"""

_attacked: set[str] = (
    set()
)  # names that are looked up later, so that answers for known and unknown ones take the same time


def compared(name: str) -> str:
    """The name as Django looks for it, and without case: all spellings that could be one account are one."""
    stripped = name.strip()
    if len(stripped) > LONGEST_NAME:
        return ""  # the form refuses it before any password is looked at
    return unicodedata.normalize("NFKC", stripped).strip().casefold()


@dataclass(frozen=True)
class Attempt:
    request: HttpRequest
    name: str  # as compared

    @classmethod
    def of(cls, request: HttpRequest) -> "Attempt":
        return cls(request, compared(request.POST.get("username", "")))

    def wait(self) -> int:
        """Count the try: 0 if the password may be looked at, else the seconds to wait."""
        browser = _browsers(self.request).get(_mark(self.name))
        if browser:
            return throttle.wait_of(f"browser {browser}", "login")
        wait = throttle.wait_for(self.request, "login")
        if wait or not self.name:
            return wait
        limit = "login_attacked" if self.is_attacked else "login_name"
        return throttle.wait_for_pair(self.request, limit, throttle.digest(self.name))

    @property
    def is_attacked(self) -> bool:
        return throttle.is_reached(self._who, "login_failures")

    @property
    def _who(self):
        return f"name {throttle.digest(self.name)}"

    def failed(self) -> None:
        if not self.name:
            return
        throttle.wait_of(self._who, "login_failures")
        if self.is_attacked and len(_attacked) < MOST_WAITING:
            _attacked.add(self.name)

    def succeeded(self, response: HttpResponse) -> HttpResponse:
        """The browser is known from now on; the cookie says who signed in only to us."""
        browsers = _browsers(self.request)
        browsers.pop(_mark(self.name), None)
        kept = dict([*browsers.items()][-MOST_NAMES + 1 :])
        kept[_mark(self.name)] = secrets.token_urlsafe(9)
        response.set_cookie(
            settings.SIGNED_IN_COOKIE_NAME,
            signing.dumps(kept, salt=SALT),
            max_age=YEAR,
            path="/account/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def _mark(name):
    return salted_hmac(SALT, name, algorithm="sha256").hexdigest()[:16]


def _browsers(request) -> dict[str, str]:
    """By the mark of each name that has signed in here: the number this browser was given then."""
    cookie = request.COOKIES.get(settings.SIGNED_IN_COOKIE_NAME, "")
    try:
        return signing.loads(cookie, salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return {}


def warn() -> None:
    """One mail a day to each owner of a name that was tried too often."""
    while _attacked:
        name = _attacked.pop()
        for user in User.objects.filter(username__iexact=name, is_active=True).exclude(email=""):
            send_later(
                f"login-warning:{user.pk}:{timezone.now():%Y-%m-%d}",
                to=user.email,
                subject=WARNING_SUBJECT,
                text=WARNING.format(
                    site=settings.SITE_NAME,
                    name=user.username,
                    change=f"{settings.SITE_URL}/account/password_change/",
                ),
            )
