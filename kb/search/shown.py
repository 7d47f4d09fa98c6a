"""Which words readers see, whose and from when to when: a row a revision, so that a search need not ask the articles.

Triggers keep it in the same transaction. What it says is what `Revision.objects.readable_by` says; a test compares them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from kb.articles.models import Article

MAKING = [
    "DROP TABLE IF EXISTS search_shown",
    "CREATE TABLE search_shown (revision {number} PRIMARY KEY, article bigint NOT NULL, topic bigint NOT NULL, "
    "audience varchar(9) NOT NULL, from_at {moment} NOT NULL, until_at {moment})",
    "CREATE INDEX search_shown_article ON search_shown (article)",
]
# Words with a later moment, or newer ones of the same moment, take the place of these. Those with a placement
# that is not applied yet are shown to nobody.
FILLING = f"""
INSERT INTO search_shown (revision, article, topic, audience, from_at, until_at)
SELECT id, article_id, topic_id, audience, publish_at, until_at FROM (
    SELECT its.id, its.article_id, article.topic_id, article.audience, its.publish_at, lead(its.publish_at) OVER (
        PARTITION BY its.article_id ORDER BY its.publish_at, its.id
    ) AS until_at
    FROM articles_article article JOIN articles_revision its ON its.article_id = article.id
    WHERE article.state = '{Article.State.PUBLISHED}' AND its.approved_at IS NOT NULL AND its.publish_at IS NOT NULL
    AND its.placement IS NULL AND {{only}}
) lasting WHERE until_at IS NULL OR until_at > publish_at
"""  # noqa: S608
TOPICS = """
SELECT slug, name, many FROM (
    SELECT topic, count(*) AS many FROM search_shown WHERE revision IN ({revisions}) GROUP BY topic
) found JOIN articles_topic its ON its.id = found.topic ORDER BY many DESC, topic
"""
# The tables that decide it: the column with the article's number, and those whose change matters.
FOLLOWED = {
    "articles_revision": ("article_id", ("id", "article_id", "approved_at", "publish_at", "placement")),
    "articles_article": ("id", ("id", "topic_id", "state", "audience")),
}


class TopicFound(NamedTuple):
    """A topic, and how many of the articles found stand in it."""

    slug: str
    name: str
    many: int


def making(number: str, moment: str) -> list[str]:
    """The statements that make the table anew, with the engine's types of a row's number and of a moment."""
    return [statement.format(number=number, moment=moment) for statement in MAKING]


def filling() -> str:
    return FILLING.format(only="1 = 1")


def anew(row: str, number: str) -> list[str]:
    """SQL in a trigger: all rows of the article that a row of a followed table belongs to."""
    return [
        f"DELETE FROM search_shown WHERE article = {row}.{number}",  # noqa: S608
        FILLING.format(only=f"article.id = {row}.{number}"),
    ]


def changed(columns: tuple[str, ...]) -> str:
    """SQL in a trigger: whether a column that matters is another."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    return f"({old}) IS DISTINCT FROM ({new})"


def readable(now: str, audiences: int) -> str:
    """SQL over `shown`, a row of the table, and the audiences' names: whether they are words for them at this moment."""
    names = ", ".join(["%s"] * audiences)
    return f"shown.audience IN ({names}) AND {standing(now)}"


def standing(now: str) -> str:
    """The same for whoever may read them."""
    return f"shown.from_at <= {now} AND (shown.until_at IS NULL OR shown.until_at > {now})"


def topics_of(revisions: Sequence[int]) -> list[TopicFound]:
    """The main topics of these shown words, each with how many, the fullest first."""
    if not revisions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TOPICS.format(revisions=", ".join(["%s"] * len(revisions))), revisions)
        return [TopicFound(*row) for row in cursor.fetchall()]
