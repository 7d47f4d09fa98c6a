"""A few comments for a demo copy: a question that pages leave open, and the answer of our staff."""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Model, Q

from kb.accounts.models import User
from kb.articles.models import Article
from kb.codes.models import Code
from kb.comments import editing
from kb.comments.models import Comment
from kb.comments.posting import Said, draft

VISITOR = "demo"  # no browser is called so: theirs are random
TALKS = [
    (
        {"article": "mailbox-full"},
        (
            "Anna",
            "I deleted the large mails a while ago and senders still get 552 5.2.2. Does the bin count as well?",
        ),
        "It does, and so does the junk folder. Empty both; the figure follows within ten minutes.\n\n"
        "If a phone or a mail program keeps deleted mails of its own, let it empty its bin too.",
    ),
    (
        {"code": "550"},
        (
            "Ben",
            "The bounce says only “550 Requested action not taken”, without a second code. How do I know which cause it is?",
        ),
        "Read the words after the code: “user unknown” is the address, “policy” or “blocked” is the text or the sender.\n\n"
        "If there are none, paste the whole bounce into the box at the top. The server that speaks also tells something.",
    ),
]


def add(staff: User) -> None:
    """Sent twice they are there once."""
    for place, (name, question), answer in TALKS:
        if target := _found(**place):
            asked = _published(target, name=name, text=question, user=AnonymousUser())
            _published(target, name="Support", text=answer, user=staff, parent=asked)


def _found(article: str = "", code: str = "") -> Model | None:
    if article:
        return Article.objects.published().filter(slug=article).first()
    return Code.objects.filter(registry__is_default=True, value=code).first()


def _published(target, *, name, text, user, parent=None) -> Comment:
    comment = draft(target, Said(name=name, text=text, user=user, visitor=VISITOR, parent=parent))
    comment.state = Comment.State.PUBLISHED
    kept = Comment.objects.filter(key=comment.key).first()
    if kept is None:
        comment.save()
    return kept or comment


def kept():
    return Comment.objects.filter(visitor=VISITOR, deleted_at=None)


def author() -> User | None:
    """Who answered in them: the demo admin, if it is still there."""
    return User.objects.filter(pk__in=kept().filter(by_staff=True).values("author")).first()


@transaction.atomic
def remove() -> int:
    """All of them; where people have answered, what these say goes and the answers stay."""
    found = list(kept().order_by("-pk"))  # answers before what they answer
    for comment in found:
        if Comment.objects.filter(Q(parent=comment) | Q(thread=comment)).exclude(visitor=VISITOR).exists():
            editing.delete(comment)
        else:
            comment.delete()
    return len(found)


def forget_orphaned() -> None:
    """Who deletes the demo admin means these too, however it was deleted."""
    if author() is None:
        remove()
