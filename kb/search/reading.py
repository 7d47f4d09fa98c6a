"""Conditions on rows of the index: who reads, and what of it. Hidden rows take no place from others and count nowhere."""

from collections.abc import Callable, Sequence

from kb.accounts import roles
from kb.articles.models import Topic
from kb.articles.queries import audiences
from kb.search import shown
from kb.search.index import engine
from kb.search.sources import rows_of

Condition = Callable[[str], tuple[str, Sequence]]  # the SQL name of a row's number → SQL with its values

PLACES = (
    "(SELECT id FROM articles_article WHERE topic_id {topics} "
    "UNION ALL SELECT article_id FROM articles_article_also_in WHERE topic_id {topics})"
)
# Joined in this order, the first article that may be read ends the search for one.
BELOW = (
    "EXISTS (WITH RECURSIVE below(id) AS (SELECT {topic} UNION "
    "SELECT its.id FROM articles_topic its JOIN below ON its.parent_id = below.id) "
    "SELECT 1 FROM below CROSS JOIN {table} place CROSS JOIN search_shown shown "
    "WHERE place.topic_id = below.id AND shown.article = place.{article} AND {readable})"
)
HOLDING = {"articles_article": "id", "articles_article_also_in": "article_id"}


def within(user, kind: str = "", topic: Topic | None = None) -> Condition:
    """Rows that this person may read; with a kind or a topic, only those of it."""
    names = audiences(user)
    readable = shown.readable(engine().NOW, len(names))
    if topic:
        return of_kind("article", _in_topic(topic, readable, names))
    everything = _everything(readable, names, sees_empty=roles.is_agent(user))
    return of_kind(kind, everything) if kind else everything


def of_kind(kind: str, condition: Condition) -> Condition:
    """The same for rows of one kind alone."""
    first, last = rows_of(kind)

    def narrower(row):
        sql, values = condition(row)
        return f"{row} BETWEEN {first} AND {last} AND {sql}", values

    return narrower


def _everything(readable, names, sees_empty):
    """Articles by what is shown; a topic if there is something to read in or below it."""
    articles_end = rows_of("article")[1]
    first, last = rows_of("topic")

    def condition(row):
        shows = f"SELECT 1 FROM search_shown shown WHERE shown.revision = {row} AND {readable}"  # noqa: S608
        an_article = engine().THERE_IS.format(shows)
        cases = f"WHEN {row} <= {articles_end} THEN {an_article}"
        if sees_empty:
            return f"CASE {cases} ELSE 1 = 1 END", names
        holds = (
            BELOW.format(topic=f"{row} - {first}", table=table, article=article, readable=readable)
            for table, article in HOLDING.items()
        )
        cases = f"{cases} WHEN {row} BETWEEN {first} AND {last} THEN ({' OR '.join(holds)})"
        return f"CASE {cases} ELSE 1 = 1 END", [*names] * (1 + len(HOLDING))

    return condition


def _in_topic(topic, readable, names):
    topics = topic.with_those_below()
    marks = f"IN ({', '.join(['%s'] * len(topics))})"

    def condition(row):
        sql = (
            f"EXISTS (SELECT 1 FROM search_shown shown WHERE shown.revision = {row} "  # noqa: S608
            f"AND shown.article IN {PLACES.format(topics=marks)} AND {readable})"
        )
        return sql, [*topics, *topics, *names]

    return condition
