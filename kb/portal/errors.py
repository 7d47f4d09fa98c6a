"""Pages for what went wrong: what happened, and what to do next."""

import logging
import re
import secrets
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.template.loader import render_to_string

from kb.codes.models import Registry
from kb.delivery.models import EVERYTHING
from kb.guard.throttle import TooManyTries, in_words, wait_for, wait_of_network
from kb.guard.tracing import place_of
from kb.portal.pages import later, page
from kb.portal.trouble import is_trouble, unavailable
from kb.search.find import find_words

logger = logging.getLogger(__name__)


class InWordsMiddleware:
    """What a room raises and cannot put on a page itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, TooManyTries):
            return too_many(request, exception.wait)
        return unavailable(request, exception) if is_trouble(exception) else None


def not_found(request, exception):
    """Near matches for the words of the path, unless many ask; hidden things look exactly like missing ones."""
    if request.method == "POST" and (wait := wait_of_network(request, "refused")):
        return too_many(request, wait)
    guess, may_search = words_of(request.path), not wait_for(request, "missing")
    registry = Registry.objects.default()
    context = {
        "path": request.path,
        "guess": guess,
        "matches": find_words(guess, user=request.user)[:5] if may_search else [],
        "registry": registry,
        "classes": registry.classes.all() if registry else [],
        "offers_sign_in": not request.user.is_authenticated,
    }
    targets = [EVERYTHING] if may_search else ()  # the poorer page is kept by nobody
    return page(request, "portal/404.html", context, status=404, indexed=False, targets=targets)


def words_of(path):
    """What the last part of an address seems to ask for: “mailbox full” for /help/mailbox-full.html."""
    last = path.rstrip("/").rpartition("/")[2]
    return " ".join(re.findall(r"[^\W_]+(?:\.\d+)*", re.sub(r"\.[a-z]+$", "", last)))[:100]


def forbidden(request, exception):
    return page(request, "portal/403.html", {"reason": str(exception)}, status=403, indexed=False)


def bad_request(request, exception):
    if isinstance(exception, RequestDataTooBig):
        return _refused(
            413, "That is more than 10 MB. Paste only the part of the mail that tells of the error."
        )
    return _refused(400, "Your browser sent something this site cannot read.")


def _refused(status, reason):
    return HttpResponse(render_to_string("portal/400.html", {"reason": reason}), status=status)


def too_many(request, retry_after):
    """For those who knock too often: when to come back, in seconds."""
    answer = page(request, "portal/429.html", {"wait": in_words(retry_after)}, status=429, indexed=False)
    return later(answer, retry_after)


def server_error(request):
    """No database and no context: only a number that stands in the log as well."""
    problem = sys.exc_info()[1]
    if is_trouble(problem):  # come from a middleware, such as a session that could not be kept
        return unavailable(request, problem)
    reference = secrets.token_hex(4)
    logger.error("Reference %s for the error at %s", reference, place_of(request, 500))
    context = {"reference": reference, "support_email": settings.SUPPORT_EMAIL}
    return HttpResponse(render_to_string("portal/500.html", context), status=500)


def csrf_failure(request, reason=""):
    """Django's own reasons speak to programmers; this one says what became of the form."""
    if wait := wait_of_network(request, "refused"):
        return too_many(request, wait)
    sentence = (
        "This form had lain too long or was sent from another page, so nothing was stored. "
        "Go back, reload the page and send it again."
    )
    return page(request, "portal/403.html", {"reason": sentence}, status=403, indexed=False)
