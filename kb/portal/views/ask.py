from dataclasses import dataclass

from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from kb.accounts import roles
from kb.codes.advising import Steps, actors_of, causes_of, steps_for_code
from kb.codes.models import Cause, Registry, Wording
from kb.codes.spoken import SpokenCode, speak
from kb.diagnosis.lines import codes_in, is_plain_question
from kb.guard.origin import public_form
from kb.guard.throttle import limited
from kb.portal.pages import page
from kb.search.find import find_words
from kb.text.plain import excerpt, fold_spaces

READ_AT_MOST = 256 * 1024
MOST_FINDINGS = 4
LONGEST_QUERY = 200


@public_form
@limited("ask")
def ask(request):
    """The one box: a short question goes on to the search page, anything else is answered here and not kept."""
    if request.method in {"GET", "HEAD"}:
        return redirect("home")
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    text = request.POST.get("q", "")
    if is_plain_question(text):
        question = fold_spaces(text.encode("utf-8", "ignore").decode())
        return redirect(f"{reverse('search')}?{urlencode({'q': question})}" if question else "home")
    response = answer(request, text[:READ_AT_MOST], was_cut=len(text) > READ_AT_MOST)
    response["Cache-Control"] = "no-store"
    return response


def answer(request, text, *, was_cut):
    pairs = codes_in(text)
    registry = Registry.objects.default()
    findings = [_finding(registry, pair, request.user) for pair in pairs[:MOST_FINDINGS]] if registry else []
    context = {
        "text": text,
        "was_cut": was_cut,
        "segments": _segments(text, pairs),
        "findings": [finding for finding in findings if finding],
        "hits": find_words(excerpt(text, LONGEST_QUERY), user=request.user)[:5],
        "more_codes": len(pairs) > MOST_FINDINGS,
    }
    return page(request, "portal/answer.html", context, indexed=False)


@dataclass
class Finding:
    """What one pair of codes in the text comes to."""

    reply: SpokenCode | None
    enhanced: SpokenCode | None
    best: SpokenCode
    causes: list[Cause]
    who_acts: list[str]
    steps: list[Steps]


def _finding(registry, pair, user):
    """The enhanced code says more than the reply code, unless it has no record and nobody is known to use it."""
    reply, enhanced = (speak(registry, value) if value else None for value in (pair.reply, pair.enhanced))
    wordings = Wording.objects.for_code(pair.enhanced) if enhanced and not enhanced.is_registered else ()
    best = enhanced if enhanced and (enhanced.is_registered or wordings) else reply or enhanced
    if best is None:
        return None
    causes = causes_of(best, wordings)
    steps = steps_for_code(best, causes, staff=roles.is_agent(user))
    return Finding(reply, enhanced, best, causes, actors_of(best, causes), steps)


def _segments(text, pairs):
    """The person's own text in pieces, so that the page can mark where the codes stand."""
    pieces, at = [], 0
    for pair in pairs:
        pieces.append({"text": text[at : pair.start], "is_code": False})
        pieces.append({"text": text[pair.start : pair.end], "is_code": True})
        at = pair.end
    return [piece for piece in (*pieces, {"text": text[at:], "is_code": False}) if piece["text"]]
