"""Conditions on rows of the index: who reads, and what of it. Hidden revisions take no place from others."""

from collections.abc import Callable, Sequence

from django.db.models.expressions import RawSQL

from kb.articles.models import Revision, Topic
from kb.search.sources import kind_and_record, rows_of

Condition = Callable[[str], tuple[str, Sequence]]  # the SQL name of a row's number → SQL with its values

ROW = "row_in_the_index"


def within(user, kind: str = "", topic: Topic | None = None) -> Condition:
    """Rows that this person may read; with a kind or a topic, only those of it."""
    readable = Revision.objects.readable_by(user).order_by()
    if topic:
        readable = readable.filter(article__topic__in=topic.with_those_below()) | readable.filter(
            article__also_in__in=topic.with_those_below()
        )
    # Asked about each row when it is met: a list of all that may be read would cost more than the search. Made once.
    sql, values = readable.filter(pk=RawSQL(ROW, ())).values("pk").query.sql_with_params()  # noqa: S611
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


def beside_topics(condition: Condition) -> Condition:
    """The same without topics: whether one of them holds anything for this person, no condition on a row says."""
    first, last = rows_of("topic")

    def narrower(row):
        sql, values = condition(row)
        return f"{row} NOT BETWEEN {first} AND {last} AND {sql}", values

    return narrower


def open_to(user, rows: Sequence[int]) -> list[int]:
    """Without the topics that hold nothing this person may read: not even their number is told."""
    topics = {record for kind, record in map(kind_and_record, rows) if kind == "topic"}
    found = Revision.objects.topics_open_to(user, Topic.objects.filter(pk__in=topics)) if topics else ()
    hidden = {("topic", pk) for pk in topics - {topic.pk for topic in found}}
    return [row for row in rows if kind_and_record(row) not in hidden]
