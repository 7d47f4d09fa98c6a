"""How every public page is put together."""

from django.http import HttpResponse
from django.template.loader import render_to_string

from kb.codes.markers import fill_page
from kb.feedback.asking import question
from kb.guard.visitor import keep_private, visitor_of


def page(request, template, context=None, *, status=200, indexed=True):
    """The template's page with its code markers filled; `indexed=False` asks crawlers to leave it out."""
    html = render_to_string(template, {**(context or {}), "indexed": indexed}, request)
    response = HttpResponse(fill_page(html), status=status)
    if not indexed:
        response["X-Robots-Tag"] = "noindex"
    keep_private(request, response)
    return response


def ask_about(request, target, address, form=None):
    """“Did you find this useful?” as this visitor sees it under the page at this address."""
    return question(target, address=address, visitor=visitor_of(request), form=form)
