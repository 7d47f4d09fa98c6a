"""Public forms carry no token, so their pages are the same for everyone; the browser's origin headers guard them."""

from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.views.decorators.csrf import csrf_exempt

from kb.guard.throttle import TooManyTries, wait_of_network

REFUSAL = "This form was sent from another site, so nothing was done. Open the page here and send it again."


def from_our_own_page(request):
    """True for a post that a page of this site sent, or a program that is nobody's browser and signed in nowhere."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if origin:
        return origin == f"{request.scheme}://{request.get_host()}"
    return settings.SESSION_COOKIE_NAME not in request.COOKIES


def is_vouched_for(request):
    """Whether a browser said where the post comes from. Programs say nothing."""
    return bool(request.headers.get("Sec-Fetch-Site") or request.headers.get("Origin"))


def public_form(view):
    """For forms on pages that strangers share: the origin decides, no CSRF token is asked for."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and not from_our_own_page(request):
            if wait := wait_of_network(request, "refused"):
                raise TooManyTries(wait)
            raise PermissionDenied(REFUSAL)
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
