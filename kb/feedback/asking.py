"""“Did you find this useful?” as one visitor sees it under a page."""

from dataclasses import dataclass

from kb.feedback.forms import VoteForm
from kb.feedback.models import Vote

FEWEST_SHOWN = 3  # fewer votes say nothing about a page


@dataclass(frozen=True)
class Question:
    address: str  # of the page it stands under
    form: VoteForm
    vote: Vote | None
    yes: int
    all: int

    @property
    def has_figure(self):
        return self.all >= FEWEST_SHOWN

    @property
    def asks_why(self):
        return self.form.gives_reasons or (self.vote is not None and not self.vote.useful)


def question(target, *, address, visitor, form=None):
    """With this visitor's vote; `form` is an answer that could not be taken, shown again with what is wrong in it."""
    votes = Vote.objects.of(target)
    vote = votes.by(visitor)
    yes, all_of_them = votes.tally()
    said = {"reason": vote.reason, "text": vote.text} if vote else None
    return Question(address, form or VoteForm(initial=said), vote, yes, all_of_them)
