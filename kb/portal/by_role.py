"""Pages for people we know: made once for all of a role, with each person's own name put in.

Whoever has something of their own on a page, a comment or a vote, gets it made for them alone.
"""

import re
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import NamedTuple

from django.core.handlers.wsgi import WSGIRequest
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.html import escape

from kb.accounts import roles
from kb.accounts.anyone import GREETING, MARK, NAME, USERNAME, anyone
from kb.comments.models import Comment, CommentVote
from kb.comments.reading import apart
from kb.delivery import for_staff
from kb.delivery.asking import Key, key_of
from kb.delivery.layer import running
from kb.delivery.making import environ_of
from kb.delivery.sharing import is_known
from kb.delivery.store import FRESH
from kb.feedback.models import Vote
from kb.guard.visitor import keep_private, visitor_of

TOKEN = f"{MARK}token".encode()
# With its bracket: what an article shows as a sample has none of these signs.
WITH_TOKEN = re.compile(rb'(<input type="hidden" name="csrfmiddlewaretoken" value=")[A-Za-z0-9]+')
NAMES = {GREETING.encode(): "greeting", NAME.encode(): "name_in_public", USERNAME.encode(): "username"}
GAP = re.compile(b"(%b)" % b"|".join([*NAMES, TOKEN]))
KEPT_HEADS = ("X-Robots-Tag",)


class RoleKey(NamedTuple):
    """No stranger's request has such a key."""

    address: Key
    role: int


class RolePage:
    """As anyone of the role sees it; the store of pages keeps it."""

    def __init__(self, response: HttpResponse, role: int):
        html = WITH_TOKEN.sub(rb"\1" + TOKEN, response.content)
        self.pieces = GAP.split(html)  # every second one is a gap
        self.place, self.version = _place(response.about)  # type: ignore[attr-defined]
        self.authors = _authors(self.place)
        self.heads = {name: response[name] for name in KEPT_HEADS if name in response}
        self.counted = getattr(response, "counted", "")
        self.targets = getattr(response, "targets", frozenset())
        # Of comments that wait: who wrote them.
        self.targets |= {for_staff(target) for target in self.targets}
        self.size, self.hits, self.made = len(html) + 1000, 0, time.monotonic()

    def take_over(self, older: "RolePage") -> None:
        self.hits = older.hits

    def text_for(self, request: HttpRequest) -> bytes:
        own = _InTheGaps(request)
        return b"".join(own[piece] if at % 2 else piece for at, piece in enumerate(self.pieces))


class _InTheGaps(dict):
    """What stands in the gaps, asked only for those there are."""

    def __init__(self, request):
        self.request = request

    def __missing__(self, gap):
        user = self.request.user
        if gap == TOKEN:
            self[gap] = get_token(self.request).encode()
        else:
            self[gap] = escape(getattr(user, NAMES[gap])).encode()
        return self[gap]


def by_role(view: Callable) -> Callable:
    """For a view whose page differs between two people of a role only by their names and what they said on it."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        page = _page(request, lambda made: view(made, *args, **kwargs)) if running else None
        if page and _says_all(page, request):
            return _answer(page, request)
        return view(request, *args, **kwargs)

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
    if response.status_code != 200:
        store.pass_by(key)
        return None
    if "no-store" in response.get("Cache-Control", ""):  # a part of it failed
        return None
    page = RolePage(response, key.role)
    if page.targets:
        store.keep(key, page, mark)
    return page


def _place(about):
    """What comments and votes are bound to, as small as it can be kept; nothing for a page without them."""
    if about is None:
        return {}, 0
    return {kind: its.pk for kind, its in Comment.place_of(about).items()}, Vote.place_of(about)["version"]


def _authors(place) -> frozenset[int]:
    """Of those with an account, who said something here."""
    if not place:
        return frozenset()
    signed = Comment.objects.filter(**place, author__isnull=False)
    return frozenset(signed.order_by().values_list("author", flat=True).distinct())


def _says_all(page, request) -> bool:
    """Where it cannot be asked whether they said something, the page made for them alone says what cannot be read."""
    if request.user.pk in page.authors:
        return False
    if not (page.place and visitor_of(request)):
        return True
    try:
        with apart(Comment.objects.db):
            return not any(_said_here(page, request))
    except Error:
        return False


def _said_here(page, request) -> Iterator[bool]:
    """Whether this browser said something here: what was written, how it voted, on the page and on its comments."""
    visitor = visitor_of(request)
    comments = Comment.objects.filter(**page.place)
    yield comments.of(request.user, visitor).exists()
    yield Vote.objects.filter(**page.place, version=page.version, visitor=visitor).exists()
    yield CommentVote.objects.filter(visitor=visitor, comment__in=comments).exists()


def _answer(page, request):
    response = HttpResponse(page.text_for(request), headers=page.heads)
    response.counted = page.counted
    keep_private(request, response)
    return response
