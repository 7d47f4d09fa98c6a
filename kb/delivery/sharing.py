"""What a view says of an answer that is the same for every stranger: that it is public, and what it was made from."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

PUBLIC = "public, max-age=0, must-revalidate"
FOR_AN_HOUR = "max-age=3600"  # without a limit, browsers keep a permanent redirect for good


def share(
    request: HttpRequest, response: HttpResponse, targets: Iterable[str], counted: str = ""
) -> HttpResponse:
    """Let the answer be stored, unless a person asked for it; `counted` names what was read, for the day totals."""
    response.counted = counted  # type: ignore[attr-defined]
    is_move = response.status_code == 301
    if not is_known(request):
        response.targets = frozenset(targets)  # type: ignore[attr-defined]
        if not request.user.is_authenticated:  # type: ignore[attr-defined]  # by nobody in particular of a role
            response.setdefault("Cache-Control", f"public, {FOR_AN_HOUR}" if is_move else PUBLIC)
    elif is_move:
        response.setdefault("Cache-Control", f"private, {FOR_AN_HOUR}")
        patch_vary_headers(response, ["Cookie"])
    return response


def is_known(request: HttpRequest) -> bool:
    """True for a browser that we may know: it has signed in, or has sent us something."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or settings.VISITOR_COOKIE_NAME in request.COOKIES
