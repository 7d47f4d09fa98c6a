"""Pages for what went wrong: what happened, and what to do next."""

import logging
import re
import secrets
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from kb.accounts.sites import NO_EDITOR
from kb.codes.models import Registry
from kb.delivery.models import EVERYTHING
from kb.guard.throttle import TooManyTries, in_words, wait_for, wait_of_network
from kb.guard.tracing import place_of
from kb.portal.pages import later, page
from kb.portal.submission import is_from_here, submission_of
from kb.portal.trouble import is_trouble, unavailable
from kb.search.find import find_words

REDIRECTS = {302, 303}
POPUP_SAVED = (
    "admin/popup_response.html"  # Django's page that hands a new record to the form it was added from
)
DRAFT = re.compile(r"[a-z0-9]{1,24}")

logger = logging.getLogger(__name__)


class InWordsMiddleware:
    """What a room raises and cannot put on a page itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """A POST is never led to the sign-in page, which would lose what was typed."""
        response = self.get_response(request)
        if request.method != "POST":
            return response
        if POPUP_SAVED in (getattr(response, "template_name", None) or ()):
            note_saved(request, response)
        if response.status_code not in REDIRECTS:
            return response
        path = response.url.partition("?")[0]
        if path in {reverse("login"), reverse("admin:login")}:
            if not request.user.is_authenticated:
                return signed_out(request)
            if path == reverse("admin:login"):
                return forbidden(request, NO_EDITOR)
        elif path != reverse("admin:index"):  # where Django leads if the record is not there any more
            note_saved(request, response)
        return response

    def process_exception(self, request, exception):
        if isinstance(exception, TooManyTries):
            return too_many(request, exception.wait)
        return unavailable(request, exception) if is_trouble(exception) else None


def note_saved(request, response):
    """Tells the script that kept a draft of this form in the browser that the server has it now."""
    draft = request.POST.get("_draft", "")
    if DRAFT.fullmatch(draft):
        response.set_cookie("codebook_saved", draft, max_age=600, samesite="Lax")


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
        "submission": submission_of(request),
    }
    # The poorer page and one with somebody's words are kept by nobody.
    targets = [EVERYTHING] if may_search and request.method != "POST" else ()
    return page(request, "portal/404.html", context, status=404, indexed=False, targets=targets)


def words_of(path):
    """What the last part of an address seems to ask for: “mailbox full” for /help/mailbox-full.html."""
    last = path.rstrip("/").rpartition("/")[2]
    return " ".join(re.findall(r"[^\W_]+(?:\.\d+)*", re.sub(r"\.[a-z]+$", "", last)))[:100]


def refused(request, template, *, status=403, **context):
    """A page for one person alone, which gives back what the refused request had posted."""
    context["submission"] = submission_of(request)
    response = page(request, template, context, status=status, indexed=False)
    response["Cache-Control"] = "private, no-store"
    return response


def forbidden(request, exception):
    return refused(request, "portal/403.html", reason=str(exception))


def signed_out(request):
    return refused(request, "portal/signed_out.html")


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
    return later(refused(request, "portal/429.html", status=429, wait=in_words(retry_after)), retry_after)


def server_error(request):
    """No database and no context: only a number that stands in the log as well."""
    problem = sys.exc_info()[1]
    if is_trouble(problem):  # come from a middleware, such as a session that could not be kept
        return unavailable(request, problem)
    reference = secrets.token_hex(4)
    logger.error("Reference %s for the error at %s", reference, place_of(request, 500))
    context = {
        "reference": reference,
        "support_email": settings.SUPPORT_EMAIL,
        "is_post": request.method == "POST",
        "submission": submission_of(request),
    }
    return HttpResponse(render_to_string("portal/500.html", context), status=500)


def csrf_failure(request, reason=""):
    """Django's own reasons speak to programmers; this page gives back what was typed."""
    if wait := wait_of_network(request, "refused"):
        return too_many(request, wait)
    return refused(
        request,
        "portal/csrf.html",
        is_ours=is_from_here(request),
        offers_sign_in=not request.path.startswith("/account/"),
    )
