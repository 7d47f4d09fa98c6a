"""What waits at the desk, and what somebody needs to know about a comment to decide."""

from collections import Counter

from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from kb.articles.models import Revision
from kb.comments.models import Comment, Report

LISTS = {  # name: (label, question, order)
    "pending": ("Waiting", Comment.objects.waiting, "pk"),
    "reported": ("Reported", Comment.objects.reported, "pk"),
    "folded": ("Folded", lambda: Comment.objects.folded().with_figures(), "pk"),
    "published": ("Published", Comment.objects.published, "-pk"),
    "spam": ("Spam", Comment.objects.spam, "-pk"),
}


def counts():
    return {name: question().count() for name, (_, question, _) in LISTS.items()}


def listed(name):
    """The comments of one list, each with `.earlier` (published by the same author) and `.open_reports`."""
    _, question, order = LISTS[name]
    titles = Prefetch(
        "article__revisions", Revision.objects.shown().without_text(), to_attr="shown_revisions"
    )
    reports = Prefetch("reports", Report.objects.filter(settled_at=None), to_attr="open_reports")
    comments = question().order_by(order).select_related("article", "code__registry", "author", "parent")
    return comments.annotate(earlier=_earlier()).prefetch_related(titles, reports)


def _earlier():
    same = Q(author=OuterRef("author")) | Q(author__isnull=True, visitor=OuterRef("visitor"))
    others = (
        Comment.objects.published().filter(same).exclude(pk=OuterRef("pk")).exclude(visitor="", author=None)
    )
    number = others.order_by().annotate(all=F("state")).values("all").annotate(number=Count("pk"))
    return Coalesce(Subquery(number.values("number")), 0)


def reasons(comment):
    """Why readers reported it, with how many said so."""
    return Counter(str(report) for report in comment.open_reports).most_common()
