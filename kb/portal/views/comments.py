"""What is said below a page: to read, and to add to."""

from django.db import Error
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from kb.accounts import roles
from kb.comments import posting
from kb.comments.forms import CommentForm
from kb.comments.models import Closed
from kb.comments.places import Reader, address_within
from kb.comments.reading import ORDERS, Wish, read
from kb.guard.origin import is_vouched_for, public_form
from kb.guard.throttle import in_words, wait_for
from kb.guard.visitor import new_visitor, remember, visitor_of
from kb.portal.pages import later, page, reader_of
from kb.portal.trouble import forget_connection
from kb.portal.views import places

NOT_STORED = (
    "It could not be stored just now, and nothing was. Your text is still here: try again in a minute."
)
CLOSED = "The comments of this page have been closed meanwhile."
WAIT = {
    "comment_gap": "That was quick. Send it again in {}; your text is still here.",
    "comment": "Many comments came from your address. Send yours again in {}; your text is still here.",
    "comment_page": "Many comments came to this page. Send yours again in {}; your text is still here.",
}


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def article_comments(request, slug):
    place = places.of_article(request, slug)
    return _read_or_add(request, place, moved=place.target.slug != slug)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def code_comments(request, slug, value):
    place = places.of_code(slug, value)
    return _read_or_add(request, place, moved=place.target.is_general and place.target.value == value)


def _read_or_add(request, place, *, moved):
    if request.method == "POST":
        return _add(request, place)
    if moved:
        return redirect(place.comments_address, permanent=True)
    return _shown(request, place)


def _shown(request, place, form=None, status=200):
    found = read(
        place.target, address=place.address, reader=reader_of(request), wish=_wish(request), form=form
    )
    # Script asks for the piece alone, and everybody else is given the page around it.
    template = "comments/_comments.html" if request.GET.get("part") else "portal/comments.html"
    return page(request, template, {"place": place, "discussion": found}, status=status, indexed=False)


def _wish(request):
    asked = request.GET
    return Wish(
        page=asked.get("page", ""),
        sort=asked["sort"] if asked.get("sort") in ORDERS else "oldest",
        thread=asked.get("thread", ""),
        reply_to=asked.get("reply_to", ""),
        tries=int(asked["try"]) if asked.get("try", "") in {"3", "4", "5", "6", "7", "8", "9"} else 2,
        on_paper=asked.get("print") == "comments",
    )


def _add(request, place):
    form = CommentForm(request.POST, target=place.target, user=request.user)
    visitor = visitor_of(request)
    try:
        if not form.is_valid():
            return _shown(request, place, form, 422)
        said = _said(request, form, visitor or new_visitor(), is_new_here=not visitor)
        return _first_refusal(request, place, form, said) or _kept(request, place, said)
    except Error:
        forget_connection()
        form.add_error(None, NOT_STORED)
        return later(_shown(request, place, form, 503), 30)


def _said(request, form, visitor, *, is_new_here):
    fields = {name: form.cleaned_data[name] for name in ("name", "email", "text", "parent")}
    return posting.Said(
        **fields,
        user=request.user,
        visitor=visitor,
        is_new_here=is_new_here,
        from_our_page=is_vouched_for(request),
        is_bait=form.is_bait,
    )


def _first_refusal(request, place, form, said):
    """What was kept already is answered as it was the first time, however soon it comes again."""
    if posting.sent_before(posting.draft(place.target, said)):
        return None
    if Closed.objects.about(place.target).exists():
        form.add_error(None, CLOSED)
        return _shown(request, place, form, 422)
    return _has_to_wait(request, place, form)


def _has_to_wait(request, place, form):
    """An agent may answer forty comments in a row."""
    if roles.is_agent(request.user):
        return None
    for name, sentence in WAIT.items():
        about = place.address if name == "comment_page" else ""
        if seconds := wait_for(request, name, about=about):
            form.add_error(None, sentence.format(in_words(seconds)))
            return later(_shown(request, place, form, 429), seconds)
    return None


def _kept(request, place, said):
    posted = posting.post(place.target, said)
    reader = Reader(said.user, said.visitor)
    if request.GET.get("part"):
        response = _piece(request, place, posted.comment, reader)
    elif posted.comment.is_seen_by(said.user, said.visitor):
        address = address_within(place.address, posted.comment, reader)
        response = HttpResponseRedirect(address, status=303)
    else:
        response = HttpResponseRedirect(f"{place.address}#comments", status=303)
    return remember(said.visitor, response)


def _piece(request, place, comment, reader) -> HttpResponse:
    """The thread it stands in, to be put in place."""
    found = read(place.target, address=place.address, reader=reader, sent=comment)
    return page(
        request, "comments/_sent.html", {"place": place, "discussion": found}, status=201, indexed=False
    )
