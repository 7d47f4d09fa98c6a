from django.conf import settings
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from kb.accounts import roles
from kb.diagnosis import bottom_line
from kb.diagnosis.diagnosing import diagnose
from kb.diagnosis.lines import is_plain_question
from kb.feedback.remembering import remember_error, remember_search
from kb.guard.origin import public_form
from kb.guard.throttle import limited
from kb.portal.answering import groups_of, outcome_of
from kb.portal.given import take
from kb.portal.marking import own_text
from kb.portal.pages import page
from kb.portal.suggesting import articles_for, hits_for
from kb.text.plain import fold_spaces

MOST_REMEMBERED = 3  # answers of one text


@public_form
@limited("ask")
def ask(request):
    """The one box: a short question goes on to the search page, anything else is answered here and not kept."""
    if request.method in {"GET", "HEAD"}:
        return redirect("home")
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    given = take(request, text="q", file="mail")
    if not given.is_file and is_plain_question(given.text):
        question = fold_spaces(given.text.encode("utf-8", "ignore").decode())
        return redirect(f"{reverse('search')}?{urlencode({'q': question})}" if question else "home")
    response = answer(request, given)
    response["Cache-Control"] = "no-store"
    return response


def answer(request, given):
    diagnosis = diagnose(given.source)
    groups = groups_of(diagnosis, staff=roles.is_agent(request.user))
    hits = hits_for(given, diagnosis, request.user)
    remember(given, diagnosis, hits)
    context = {
        "given": given,
        "diagnosis": diagnosis,
        "groups": groups,
        "first": groups[0] if groups else None,
        "is_single": len(groups) == 1,
        "hits": hits,
        "articles": articles_for(diagnosis, request.user),
        "own_text": own_text(diagnosis),
        "summary": bottom_line.summary(diagnosis),
        "is_counted": settings.ASKS_KEPT_DAYS > 0,
    }
    return page(request, "portal/answer.html", context, indexed=False)


def remember(given, diagnosis, hits):
    """For the log of asks: what servers said, and how well it was answered; of other texts only a short question."""
    if diagnosis.is_bounce:
        for one in diagnosis.answers[:MOST_REMEMBERED]:
            said = one.spoken.text if one.spoken else diagnosis.reading.words
            remember_error(said, outcome_of(one), one.provider.mark_list if one.provider else ())
    elif not given.is_file and not diagnosis.answers:
        remember_search(given.text, "weak" if hits else "nothing")
