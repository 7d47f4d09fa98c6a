"""Pages for people we know: made once for all of a role, with each person's own name put in.

Whoever has something of their own on a page, a comment or a vote, gets it made for them alone.
"""

import re
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import NamedTuple

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.html import escape

from kb.accounts import roles
from kb.accounts.anyone import GREETING, MARK, NAME, anyone
from kb.comments.models import Comment, CommentVote
from kb.delivery import for_staff
from kb.delivery.asking import Key, key_of
from kb.delivery.layer import running
from kb.delivery.making import environ_of
from kb.delivery.sharing import is_known
from kb.delivery.store import FRESH
from kb.feedback.models import Vote
from kb.guard.visitor import keep_private, visitor_of

TOKEN = f"{MARK}token"
WITH_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]+')
GAP = re.compile(f"({GREETING}|{NAME}|{TOKEN})")


class RoleKey(NamedTuple):
    """No stranger's request has such a key."""

    address: Key
    role: int


class RolePage:
    """As anyone of the role sees it; the store of pages keeps it."""

    def __init__(self, response: HttpResponse, role: int):
        html = WITH_TOKEN.sub(rf"\1{TOKEN}", response.content.decode())
        self.pieces = GAP.split(html)  # every second one is a gap
        self.about, self.counted = response.about, response.counted  # type: ignore[attr-defined]
        self.targets = response.targets  # type: ignore[attr-defined]
        if role >= roles.AGENT:
            self.targets |= {for_staff(target) for target in self.targets}
        self.size, self.hits, self.made = 2 * len(html) + 1000, 0, time.monotonic()

    def take_over(self, older: "RolePage") -> None:
        self.hits = older.hits

    def text_for(self, request: HttpRequest) -> str:
        own = _Own(request)
        return "".join(own[piece] if place % 2 else piece for place, piece in enumerate(self.pieces))


class _Own(dict):
    """What stands in the gaps, asked only for those there are."""

    def __init__(self, request):
        self.request = request

    def __missing__(self, gap):
        user = self.request.user
        if gap == TOKEN:
            self[gap] = get_token(self.request)
        else:
            self[gap] = escape(user.greeting if gap == GREETING else user.name_in_public)
        return self[gap]


def by_role(view: Callable) -> Callable:
    """For a view whose page differs between two people of a role only by their names and what they said on it."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        page = _page(request, lambda made: view(made, *args, **kwargs)) if running else None
        if page is None or any(_own(page.about, request)):
            return view(request, *args, **kwargs)
        return _answer(page, request)

    return answer


def _page(request, view) -> RolePage | None:
    [layer] = running
    address = _address(request)
    if address is None:
        return None
    role = roles.role_of(request.user)
    key = RoleKey(address, role)
    layer.catch_up()  # whoever changed something sees it at once
    page = layer.store.get(key)
    if page and page.made > time.monotonic() - FRESH:
        return page
    return None if layer.store.passes(key) else _made(layer.store, key, view)


def _address(request) -> Key | None:
    """Strangers' pages are kept as they are, by the layer in front."""
    if request.method != "GET" or not is_known(request) or "HX-Request" in request.headers:
        return None
    return key_of(request.scheme, request.get_host(), request.path, request.META["QUERY_STRING"])


def _made(store, key, view) -> RolePage | None:
    """From the address and the role alone, as strangers' pages are from the address."""
    mark = store.clock
    request = WSGIRequest(environ_of(key.address))
    request.user = anyone(key.role)
    response = view(request)
    if response.status_code != 200 or not getattr(response, "targets", None):
        store.pass_by(key)
        return None
    page = RolePage(response, key.role)
    store.keep(key, page, mark)
    return page


def _own(target, request) -> Iterator[bool]:
    """Whether this person said something here: what they wrote, how they voted, on the page and on its comments."""
    if target is None:
        return
    visitor = visitor_of(request)
    comments = Comment.objects.about(target)
    if visitor or request.user.is_authenticated:
        yield comments.of(request.user, visitor).exists()
    if visitor:
        yield Vote.objects.of(target).by(visitor) is not None
        yield CommentVote.objects.filter(visitor=visitor, comment__in=comments).exists()


def _answer(page, request):
    response = HttpResponse(page.text_for(request))
    response.counted = page.counted
    keep_private(request, response)
    return response
