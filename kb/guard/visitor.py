"""The visitor cookie: a number nobody can guess or forge, given to a browser that has sent us something.

Whoever only reads gets none, so that their pages are the same for all and can be stored.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

SALT = "kb.guard.visitor"
MONTH = 30 * 24 * 3600


def new_visitor() -> str:
    return secrets.token_urlsafe(16)


def visitor_of(request: HttpRequest) -> str:
    """Who this browser is to us; nothing for a stranger, and for a cookie that is old or not ours."""
    return request.get_signed_cookie(settings.VISITOR_COOKIE_NAME, default="", salt=SALT, max_age=MONTH)


def remember(visitor: str, response: HttpResponse) -> HttpResponse:
    """For the answer to a POST alone."""
    response.set_signed_cookie(
        settings.VISITOR_COOKIE_NAME,
        visitor,
        salt=SALT,
        max_age=MONTH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def keep_private(request: HttpRequest, response: HttpResponse) -> None:
    """What is shown to a browser with the cookie may be for that person alone."""
    if settings.VISITOR_COOKIE_NAME in request.COOKIES:
        patch_vary_headers(response, ["Cookie"])
        patch_cache_control(response, private=True)
