from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from kb.codes.models import Registry
from kb.feedback.forms import VoteForm
from kb.feedback.models import Vote
from kb.guard.origin import public_form
from kb.guard.throttle import let_in
from kb.guard.visitor import remember
from kb.guard.voter import Voter
from kb.portal.views.articles import article_page, get_readable_article
from kb.portal.views.codes import code_page, get_spoken


@public_form
@require_POST
def article_vote(request, slug):
    article = get_readable_article(request, slug)
    if article.shown is None:
        raise Http404("This article is not published, so there is nothing to vote on yet.")
    form = VoteForm(request.POST)
    if not form.is_valid():
        return article_page(request, article, form=form)
    return _counted(request, article, article.get_absolute_url(), form)


@public_form
@require_POST
def code_vote(request, slug, value):
    """A vote on 4.1.1 belongs to the record X.1.1, but its sender comes back to 4.1.1."""
    spoken = get_spoken(get_object_or_404(Registry, slug=slug), value)
    if not spoken.is_registered:
        raise Http404(f"“{value}” has no record to vote on.")
    form = VoteForm(request.POST)
    if not form.is_valid():
        return code_page(request, spoken, form=form)
    return _counted(request, spoken.record, spoken.get_absolute_url(), form)


def _counted(request, target, address, form):
    let_in(request, "vote")
    voter = Voter.of(request)
    Vote.cast(target, by=voter, **form.cleaned_data)
    return remember(voter.visitor, HttpResponseRedirect(f"{address}#helpful", status=303))
