"""Which published articles share a code, a topic or a cause with one: read around that one, however many there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import connection

from kb.articles.models import Article, Revision
from kb.codes.models import CodeCause
from kb.search import shown
from kb.search.index import engine

# Rows of a thing, the newest of a code or a topic: what more have in common ties no two of them.
LOOKED_AT = 400
FEW = 50  # where more have a thing, it is no tie by itself

Thing = tuple[str, int]  # code, topic or cause, and its number
# Joined in this order, rows are read by the thing's own index, and no more of them than are wanted.
CITING = (
    "articles_revision_codes its CROSS JOIN search_shown shown "
    "WHERE its.code_id IN ({numbers}) AND shown.revision = its.revision_id"
)
STANDING_IN = "articles_article its CROSS JOIN search_shown shown WHERE its.topic_id IN ({numbers}) AND shown.article = its.id"
ALSO_IN = (
    "articles_article_also_in its CROSS JOIN search_shown shown "
    "WHERE its.topic_id IN ({numbers}) AND shown.article = its.article_id"
)
PLACES = (STANDING_IN, ALSO_IN)
CITED = (
    "SELECT shown.article, its.code_id FROM search_shown shown CROSS JOIN articles_revision_codes its "
    "WHERE shown.article IN ({articles}) AND its.revision_id = shown.revision AND its.code_id IN ({codes}) AND {now}"
)
BOTH = "SELECT shown.revision, shown.article FROM search_shown shown WHERE shown.{column} IN ({numbers}) AND {now}"


class Neighbours:
    """The other articles that have what one article has: of each thing so many as matter, and of the rest those asked for."""

    def __init__(self, article: int, revision: int):
        self.article = article
        cited = Revision.codes.through.objects.filter(revision=revision)
        self.codes = list(cited.values_list("code", flat=True))
        self.topics = {topic for _, topic in _places([article])}
        self.causes = _causes(self.codes)
        self.owners = self._owners()
        self.many = {thing: len(those) for thing, those in self.owners.items()}

    def having(self, way: str) -> tuple[list[tuple[int, int]], dict[int, int]]:
        """(article, number of the thing that it has) rows, and how many have each thing, up to those looked at."""
        mine = {number: those for (of, number), those in self.owners.items() if of == way}
        rows = [(article, number) for number, those in mine.items() for article in those]
        return rows, {number: self.many[way, number] for number in mine}

    def complete(self, articles: Iterable[int]) -> None:
        """Of what many have, only whether these have it too, and those that something else ties already."""
        wide = {thing for thing, many in self.many.items() if many > FEW}
        near = {*articles, *self._near()}
        for thing in wide:
            self.owners[thing] &= near
        if wide and near:
            found = [*((article, {("topic", topic)}) for article, topic in _places(near)), *self._cited(near)]
            for article, things in found:
                for thing in things & wide:
                    self.owners[thing].add(article)

    def _near(self):
        """By one thing that few have, or by a code and another or a topic."""
        few = (those for those in self.owners.values() if len(those) <= FEW)
        met = Counter(
            article for (way, _), those in self.owners.items() if way != "cause" for article in those
        )
        return {article for article, times in met.items() if times > 1}.union(*few)

    def _owners(self):
        selects = [
            *((("code", code), CITING, [code], "id DESC") for code in self.codes),
            *((("topic", topic), where, [topic], "id DESC") for topic in self.topics for where in PLACES),
            *((("cause", cause), CITING, codes, "code_id") for cause, codes in self.causes.items()),
        ]
        owners: defaultdict[Thing, set[int]] = defaultdict(set)
        for at, article in _rows(" UNION ALL ".join(_newest(at, *one[1:]) for at, one in enumerate(selects))):
            if article != self.article:
                owners[selects[at][0]].add(article)
        return owners

    def _cited(self, articles):
        """With the causes that a code has."""
        codes = {*self.codes}.union(*self.causes.values())
        if not codes:
            return
        for article, code in _rows(CITED.format(articles=_list(articles), codes=_list(codes), now=_now())):
            causes = (("cause", cause) for cause, its in self.causes.items() if code in its)
            yield article, {("code", code), *causes}


def revision_of(article: int) -> int | None:
    """Its words that are published at this moment."""
    return next(
        (revision for revision, _ in _rows(BOTH.format(column="article", numbers=article, now=_now()))), None
    )


def articles_of(revisions: Iterable[int]) -> dict[int, int]:
    """{revision: article} of those that are published at this moment."""
    return dict(_rows(BOTH.format(column="revision", numbers=_list(revisions) or "NULL", now=_now())))


def _places(articles):
    """(article, topic), also where a topic is only the second place."""
    yield from Article.objects.filter(pk__in=articles).order_by().values_list("pk", "topic")
    yield from Article.also_in.through.objects.filter(article__in=articles).values_list("article", "topic")


def _causes(codes):
    """{cause of one of these codes: all codes that have it}."""
    causes: defaultdict[int, set[int]] = defaultdict(set)
    shared = CodeCause.objects.filter(code__in=codes).order_by().values("cause")
    for code, cause in CodeCause.objects.filter(cause__in=shared).order_by().values_list("code", "cause"):
        causes[cause].add(code)
    return causes


def _newest(at, table, numbers, order):
    sql = f"SELECT shown.article FROM {table.format(numbers=_list(numbers))} AND {_now()}"  # noqa: S608
    return f"SELECT {at}, article FROM ({sql} ORDER BY its.{order} LIMIT {LOOKED_AT}) found"  # noqa: S608


def _now():
    return shown.standing(engine().NOW)


def _list(numbers):
    return ", ".join(str(int(number)) for number in numbers)


def _rows(sql):
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [])
        return cursor.fetchall()
