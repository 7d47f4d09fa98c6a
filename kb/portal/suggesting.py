"""What may help with a text beside its diagnosis: articles about it, and a search for its words."""

from kb.articles.models import Revision
from kb.diagnosis import bottom_line
from kb.portal.answering import outcome_of
from kb.portal.marking import covered
from kb.search.find import find_words
from kb.text.plain import excerpt

LONGEST_QUERY = 200
MOST_HITS = 5
MOST_ARTICLES = 3


def hits_for(given, diagnosis, user):
    """A search for the words, where the codes and the servers' own words lead nowhere."""
    if diagnosis.nature in bottom_line.NOT_A_BOUNCE or given.is_no_text:
        return []
    if diagnosis.best and outcome_of(diagnosis.best) != "nothing":
        return []
    return find_words(
        excerpt(covered(diagnosis.reading.words or diagnosis.reading.text), LONGEST_QUERY), user=user
    )[:MOST_HITS]


def articles_for(diagnosis, user):
    """Those that explain the cause, else those that name the code."""
    best = diagnosis.best
    if best is None:
        return []
    readable = Revision.objects.readable_by(user)
    found = (
        readable.about_cause(best.cause)
        if best.cause
        else readable.citing(*(best.code.rows if best.code else ()))
    )
    return found.as_articles(MOST_ARTICLES)
