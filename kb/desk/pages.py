"""How every page of the desk is put together, and who may open it."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.loader import render_to_string

from kb.accounts import roles
from kb.codes.markers import fill_page

REFUSAL = "The desk is for our support staff. Ask an admin to add you to the agents."


def for_staff(view):
    """Agents and up come in; strangers are sent to sign in, and whoever is signed in without the right is told so."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else request.path)
        if not roles.is_agent(request.user):
            raise PermissionDenied(REFUSAL)
        return view(request, *args, **kwargs)

    return guarded


def page(request, template, context, *, status=200):
    html = render_to_string(template, {**context, "indexed": False}, request)
    response = HttpResponse(fill_page(html), status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
