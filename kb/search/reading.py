"""Conditions on rows of the index: who reads, and what of it. Hidden revisions take no place from others."""

from collections.abc import Callable, Sequence

from django.db.models.expressions import RawSQL

from kb.accounts import roles
from kb.articles.models import Revision, Topic
from kb.search.sources import rows_of

Condition = Callable[[str], tuple[str, Sequence]]  # the SQL name of a row's number → SQL with its values

ROW = "row_in_the_index"
MADE: dict[int | None, tuple[str, Sequence]] = {}  # by role: to write this SQL takes longer than to run it


def within(user, kind: str = "", topic: Topic | None = None) -> Condition:
    """Rows that this person may read; with a kind or a topic, only those of it."""
    readable = Revision.objects.readable_by(user).order_by()
    if topic:
        readable = readable.filter(article__topic__in=topic.with_those_below()) | readable.filter(
            article__also_in__in=topic.with_those_below()
        )
    # Asked about each row when it is met: a list of all that may be read would cost more than the search. Made once.
    role = None if topic else roles.role_of(user)  # what may be read is decided by the role alone
    made = MADE.get(role) if role is not None else None
    if made is None:
        made = readable.filter(pk=RawSQL(ROW, ())).values("pk").query.sql_with_params()  # noqa: S611
    if role is not None:
        MADE[role] = made
    sql, values = made
    articles_end = rows_of("article")[1]
    everything = f"({ROW} > {articles_end} OR EXISTS ({sql}))"

    def condition(row):
        return everything.replace(ROW, row), values

    return of_kind("article" if topic else kind, condition) if topic or kind else condition


def of_kind(kind: str, condition: Condition) -> Condition:
    """The same for rows of one kind alone."""
    first, last = rows_of(kind)

    def narrower(row):
        sql, values = condition(row)
        return f"{row} BETWEEN {first} AND {last} AND {sql}", values

    return narrower
