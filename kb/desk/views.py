from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kb.comments.models import Comment
from kb.comments.rendering import links_in
from kb.desk.models import Action
from kb.desk.moderation import done_already, last_action, moderate, seen_as, split_by_seen, undo
from kb.desk.pages import for_staff, page
from kb.desk.queries import LISTS, counts, listed, reasons
from kb.desk.waiting import waiting_for
from kb.edits.versions import ROW

COMMENTS_A_PAGE = 25
NOTHING_CHOSEN = "Choose one or more comments first."
NOTHING_DONE = "Nothing was done: what you chose was changed since this list was opened. Look at it again."
NOTHING_SAID = "Nothing was changed: use one of the buttons to say what to do with the comments."
NOTHING_CHANGED = "Nothing was changed: it was done already, perhaps by somebody else."
TOO_LATE = "This can no longer be undone. A comment that is not deleted can still be moved from its list."


@for_staff
@require_safe
def home(request):
    return page(request, "desk/home.html", {"waiting": list(waiting_for(request.user))})


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request):
    return _moderated(request) if request.method == "POST" else _screen(request)


def _screen(request, *, problem="", left=(), status=200):
    asked = request.POST if request.method == "POST" else request.GET
    show = asked["show"] if asked.get("show") in LISTS else "pending"
    pages = Paginator(listed(show), COMMENTS_A_PAGE).get_page(asked.get("page"))
    for comment in pages.object_list:
        comment.links, comment.reasons = len(links_in(comment.text)), reasons(comment)
        comment.seen = seen_as(comment, comment.open_reports)
    found = counts()
    context = {
        "show": show,
        "tabs": [(name, label, found[name]) for name, (label, _, _) in LISTS.items()],
        "count": found["pending"] + found["reported"],
        "pages": pages,
        "done": _done(request),
        "undone": request.GET.get("undone", "") == "1",
        "problem": problem,
        "left": _left(left or _numbers(request.GET.get("left", ""))),
    }
    return page(request, "desk/comments.html", context, status=status)


def _numbers(text):
    return [int(number) for number in text.split(".")[:COMMENTS_A_PAGE] if _is_number(number)]


def _left(numbers):
    """Comments that stayed as they are, each with what somebody else did to it last."""
    found = Comment.objects.filter(pk__in=numbers).select_related("article", "code__registry")
    return [(comment, last_action(comment.pk)) for comment in found]


def _done(request):
    """What this person did just now and may undo."""
    action = _action(request.GET.get("done", ""))
    return action if action and action.may_undo(request.user) else None


def _action(number):
    return Action.objects.filter(pk=number).first() if _is_number(number) else None


def _is_number(text):
    return text.isdecimal() and len(text) < 19


@transaction.atomic
def _moderated(request):
    """Those that are as the page showed them are done; the others are named and stay as they are."""
    if request.POST.get("do") == "nothing":
        return _screen(request, problem=NOTHING_SAID, status=422)
    what, numbers = _asked(request)
    if what not in Action.What or not numbers:
        return _screen(request, problem=NOTHING_CHOSEN, status=422)
    as_seen, changed = split_by_seen(Comment.objects.filter(pk__in=numbers), _seen(request))
    if changed and not as_seen and (action := done_already(what, changed, by=request.user)):
        return _to_its_page(request, action) or _back(request, done=action.pk)
    action = moderate(what, Comment.objects.filter(pk__in=as_seen), by=request.user)
    if action is None:
        problem = NOTHING_DONE if changed else NOTHING_CHANGED
        return _screen(request, problem=problem, left=changed, status=409 if changed else 422)
    if changed:
        return _back(request, done=action.pk, left=".".join(map(str, changed)))
    return _to_its_page(request, action) or _back(request, done=action.pk)


def _seen(request):
    """How the page of the button showed each comment."""
    marks = [mark.partition(":") for mark in request.POST.getlist(ROW)]
    return {int(number): mark for number, _, mark in marks if _is_number(number)}


def _to_its_page(request, action):
    """To where the comment stands, if the button stood there; its state says there what was done."""
    changed = [before["comment"] for before in action.before]
    if len(changed) == 1 and request.POST.get("back") == str(changed[0]):
        return HttpResponseRedirect(reverse("comment", args=changed), status=303)
    return None


def _asked(request):
    """A row's own button names its comment; those of the bar are about what was chosen."""
    what, _, number = request.POST.get("one", "").partition(":")
    numbers = [number] if what else request.POST.getlist("comment")
    known = [int(number) for number in numbers if _is_number(number)]
    return what or request.POST.get("do", ""), known[:COMMENTS_A_PAGE]


@for_staff
@require_POST
def comments_undo(request):
    action = _action(request.POST.get("action", ""))
    if action and action.was_undone_just_now(request.user):  # the same form, sent twice
        return _back(request, undone=1)
    if action is None or not action.may_undo(request.user) or not undo(action):
        return _screen(request, problem=TOO_LATE, status=422)
    return _back(request, undone=1)


def _back(request, **told):
    kept = {name: request.POST[name] for name in ("show", "page") if request.POST.get(name)}
    return HttpResponseRedirect(f"{reverse('desk_comments')}?{urlencode({**kept, **told})}", status=303)
