"""How every public page is put together."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from kb.codes.markers import fill_page
from kb.codes.models import CODES
from kb.comments.places import Reader
from kb.comments.reading import Wish, read
from kb.delivery.sharing import share
from kb.feedback.asking import question
from kb.guard.visitor import keep_private, visitor_of


def page(request, template, context=None, *, status=200, indexed=True, targets=(), counted=""):
    """The template's page with its code markers filled; `indexed=False` asks crawlers to leave it out.

    `targets` name what it was made from: with them, and the same for every stranger, it may be stored.
    One that shows that its comments could not be read is not stored anywhere.
    """
    html = render_to_string(template, {**(context or {}), "indexed": indexed}, request)
    filled = fill_page(html)
    response = HttpResponse(filled, status=status)
    if not indexed:
        response["X-Robots-Tag"] = "noindex"
    response.about = getattr((context or {}).get("discussion"), "target", None)
    if _lacks_comments(context):
        response["Cache-Control"] = "no-store"
    elif targets:
        share(request, response, [*targets, *([CODES] if filled != html else [])], counted)
    keep_private(request, response)
    return response


def _lacks_comments(context):
    discussion = (context or {}).get("discussion")
    return bool(discussion and discussion.failed)


def later(response, seconds):
    """For browsers and programs that read headers: when to come back."""
    response["Retry-After"] = str(seconds)
    return response


def reader_of(request):
    return Reader(request.user, visitor_of(request))


def comments_below(request, target, address, **told):
    """The comments of the page at this address as this visitor sees them."""
    wish = Wish(on_paper=request.GET.get("print") == "comments")
    return read(target, **{"address": address, "reader": reader_of(request), "wish": wish, **told})


def moved(request, to, *arguments, targets):
    """To where it stands for good; strangers' redirects are stored like pages."""
    return share(request, redirect(to, *arguments, permanent=True), targets)


def ask_about(request, target, address, form=None):
    """“Did you find this useful?” as this visitor sees it under the page at this address."""
    return question(target, address=address, visitor=visitor_of(request), form=form)
