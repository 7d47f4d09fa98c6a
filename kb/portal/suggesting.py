"""What may help with a text beside its diagnosis: articles about it, and a search for its words."""

from kb.diagnosis import bottom_line
from kb.diagnosis.masking import skeleton
from kb.feedback.clusters import words_that_matter
from kb.portal.answering import outcome_of
from kb.portal.listing import articles_about, articles_citing
from kb.search.find import find_words

LONGEST_SAID = 1000  # characters of a text whose words are looked for
MOST_WORDS = 8
MOST_HITS = 5
MOST_ARTICLES = 3


def hits_for(given, diagnosis, user):
    """A search for the words, where the codes and the servers' own words lead nowhere."""
    if diagnosis.nature in bottom_line.NOT_A_BOUNCE or given.is_no_text:
        return []
    if diagnosis.best and outcome_of(diagnosis.best) != "nothing":
        return []
    said = skeleton((diagnosis.reading.words or diagnosis.reading.text)[:LONGEST_SAID])
    words = " ".join(words_that_matter(said)[:MOST_WORDS])
    return find_words(words, user=user, is_pasted=True)[:MOST_HITS]


def articles_for(diagnosis, user):
    """Those that explain the cause, else those that name the code."""
    best = diagnosis.best
    if best is None:
        return []
    if best.cause:
        return articles_about(best.cause, user, MOST_ARTICLES)
    return articles_citing(best.code.rows if best.code else (), user, MOST_ARTICLES)
