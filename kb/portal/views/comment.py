"""One comment: where it stands, and what readers and its author can do with it."""

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kb.comments import editing
from kb.comments.forms import ReportForm, WithText
from kb.comments.models import Comment, Report
from kb.comments.places import address_within
from kb.comments.posting import Said
from kb.comments.voting import vote
from kb.guard.origin import is_vouched_for, public_form
from kb.guard.throttle import in_words, let_in, wait_for
from kb.guard.visitor import keep_private, new_visitor, remember, visitor_of
from kb.guard.voter import Voter
from kb.portal.pages import later, page, reader_of
from kb.portal.views import places

VALUES = {"up": 1, "down": -1, "none": 0}
ONES_OWN = (
    "This is your own comment. You can change or delete it for 15 minutes; others say whether it helped."
)
TOO_OFTEN = "You have changed comments many times. Save it again in {}; your text is still here."
TOO_LATE = "A comment can be changed for 15 minutes, and this one is older."
SAID_ALREADY = (
    "You have said exactly this here already. Change it, or delete this comment; your text is still here."
)


@public_form  # so that other methods are told so, and not asked for a token
@require_safe
def comment(request, number):
    found, place = get_comment(request, number)
    response = _back(request, found, place, status=302)
    keep_private(request, response)
    return response


@public_form
@require_POST
def comment_vote(request, number):
    found, place = get_comment(request, number, published=True)
    value, voter = VALUES.get(request.POST.get("value")), Voter.of(request)
    if found.is_of(request.user, voter.visitor):
        return _act(request, "refused", found, place, problem=ONES_OWN, status=422)
    if value is None:
        problem = "Say whether this comment helped you: choose Helpful or Not helpful."
        return _act(request, "refused", found, place, problem=problem, status=422)
    let_in(request, "vote")
    vote(found, value=value, by=voter)
    return remember(voter.visitor, _voted(request, found, place, value))


def _voted(request, found, place, value):
    if not request.GET.get("part"):
        return _back(request, found, place)
    found.refresh_from_db(fields=["score"])
    found.mine, found.is_own = value, False
    return page(request, "comments/_votes.html", {"comment": found}, indexed=False)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def comment_report(request, number):
    found, place = get_comment(request, number, published=True)
    visitor = visitor_of(request)
    if found.is_of(request.user, visitor):
        return _act(request, "refused", found, place, problem=ONES_OWN, status=422)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        is_done = Report.objects.filter(comment=found, visitor=visitor).exists()
        return _act(request, "report", found, place, form=form, is_done=is_done)
    let_in(request, "report")
    visitor = visitor or new_visitor()
    Report.objects.update_or_create(comment=found, visitor=visitor, defaults=form.cleaned_data)
    return remember(visitor, HttpResponseRedirect(request.path, status=303))


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def comment_edit(request, number):
    found, place = get_own_comment(request, number)
    form = WithText(request.POST if request.method == "POST" else None, initial={"text": found.text})
    if not found.may_change(request.user, visitor_of(request)):
        return _act(request, "late", found, place, form=form, problem=TOO_LATE)
    if not form.is_valid():
        return _act(request, "edit", found, place, form=form)
    if wait := wait_for(request, "comment_edit"):
        form.add_error("text", TOO_OFTEN.format(in_words(wait)))
        return later(_act(request, "edit", found, place, form=form, status=429), wait)
    if not editing.edit(found, _said_again(request, found, form)):
        form.add_error("text", SAID_ALREADY)
        return _act(request, "edit", found, place, form=form)
    return _back(request, found, place)


def _said_again(request, found, form):
    return Said(
        name=found.name,
        text=form.cleaned_data["text"],
        user=request.user,
        visitor=visitor_of(request),
        from_our_page=is_vouched_for(request),
    )


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def comment_delete(request, number):
    found, place = get_own_comment(request, number)
    if not found.may_change(request.user, visitor_of(request)):
        return _act(request, "late", found, place, problem=TOO_LATE)
    if request.method != "POST":
        return _act(request, "delete", found, place)
    editing.delete(found)
    return HttpResponseRedirect(f"{place.address}#comments", status=303)


def get_comment(request, number, *, published=False):
    """The comment and the page it stands below, if this person may read both; hidden is like missing."""
    reader = reader_of(request)
    visible = Comment.objects.visible_to(reader.user, reader.visitor).select_related(
        "article", "code__registry"
    )
    found = get_object_or_404(visible.published() if published else visible, pk=number)
    return found, places.of_comment(request, found)


def get_own_comment(request, number):
    found, place = get_comment(request, number)
    if not found.is_of(request.user, visitor_of(request)):
        raise Http404("This comment is not yours to change.")
    return found, place


def _act(request, act, found, place, *, status=None, **told):
    """A page about this comment alone; what was sent and is refused comes back with what is wrong."""
    status = status or (422 if request.method == "POST" else 200)
    context = {"act": act, "comment": found, "place": place, **told}
    return page(request, "portal/comment.html", context, status=status, indexed=False)


def _back(request, found, place, status=303):
    return HttpResponseRedirect(address_within(place.address, found, reader_of(request)), status=status)
