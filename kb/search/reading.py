"""Conditions on rows of the index: who reads, and what of it. Hidden revisions take no place from others."""

from collections.abc import Callable, Sequence

from django.db.models.expressions import RawSQL

from kb.articles.models import Revision, Topic
from kb.search.sources import rows_of

Condition = Callable[[str], tuple[str, Sequence]]  # the SQL name of a row's number → SQL with its values


def within(user, kind: str = "", topic: Topic | None = None) -> Condition:
    """Rows that this person may read; with a kind or a topic, only those of it."""
    readable = Revision.objects.readable_by(user).order_by()
    if topic:
        readable = readable.filter(article__topic__in=topic.with_those_below()) | readable.filter(
            article__also_in__in=topic.with_those_below()
        )
    first, last = rows_of("article" if topic else kind) if topic or kind else (0, 0)
    articles_end = rows_of("article")[1]

    def condition(row):
        # Asked about each row when it is met: a list of all that may be read would cost more than the search.
        revision = readable.filter(pk=RawSQL(row, ()))  # noqa: S611
        sql, values = revision.values("pk").query.sql_with_params()
        span = f"{row} BETWEEN {first} AND {last} AND " if last else ""
        return f"{span}({row} > {articles_end} OR EXISTS ({sql}))", values

    return condition
