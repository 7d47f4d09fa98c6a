"""Related articles: which, in what order, and why. Computed when words are published, never when they are read."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

from django.db import transaction

from kb.articles.models import Article, Related, Revision
from kb.codes.models import Cause, Code, CodeCause
from kb.delivery.models import told_together
from kb.search.index import alike

MOST = 20  # readers see the first few of those they may read
NEAR = 10  # so many others may have this one in their own lists
LEAST = 0.15  # a weaker tie is none
LIKEST = 40
CODES, TOPIC, CAUSES, TEXT = 1.0, 0.4, 0.2, 1.0  # how much each way of being tied counts

Part = dict[int, tuple[float, str]]  # {article: (how strongly, from 0 to 1, and why)}


@dataclass(frozen=True)
class Tie:
    article: int
    score: float
    why: str


@transaction.atomic
def relate(number: int) -> set[int]:
    """Store the article's computed links; returns the articles near it, whose own links may change with it.

    Who may see which of them is asked when the list is read.
    """
    links = Related.objects.filter(by_hand=False)
    near = set(links.filter(other=number).values_list("article", flat=True))
    ties = ties_of(number)
    store(links.filter(article=number), number, ties[:MOST])
    return near | {tie.article for tie in ties[:NEAR]}


def store(links, number, ties):
    """Replace these links by the ties; what stays the same is not written."""
    wanted = [(tie.article, place, tie.why) for place, tie in enumerate(ties, 1)]
    if list(links.values_list("other", "position", "why")) == wanted:
        return
    with told_together(f"article:{number}"):
        links.delete()
        Related.objects.bulk_create(
            Related(article_id=number, other_id=other, by_hand=False, position=place, why=why)
            for other, place, why in wanted
        )


def ties_of(number: int) -> list[Tie]:
    """The articles tied to this one, the closest first; also where an editor chose one already, who may have left out why."""
    articles = dict(Revision.objects.published().order_by().values_list("pk", "article"))
    mine = next((pk for pk, article in articles.items() if article == number), None)
    if mine is None:
        return []
    del articles[mine]
    cited = Revision.codes.through.objects.filter(revision=mine).values_list("code", flat=True)
    parts = (  # the first that applies is the reason given
        (CODES, by_codes(articles, list(cited))),
        (TOPIC, by_topic(articles, number)),
        (CAUSES, by_causes(articles, list(cited))),
        (TEXT, by_text(articles, mine)),
    )
    scores: defaultdict[int, float] = defaultdict(float)
    reasons: dict[int, str] = {}
    for weight, part in parts:
        for article, (strength, why) in part.items():
            scores[article] += weight * strength
            reasons.setdefault(article, why)
    ties = [Tie(article, score, reasons[article]) for article, score in scores.items() if score >= LEAST]
    return sorted(ties, key=lambda tie: (-tie.score, tie.article))


# Each way of being tied, over the published articles by their shown revisions


def by_codes(articles: dict[int, int], codes: list[int]) -> Part:
    rows = Revision.codes.through.objects.filter(code__in=codes).values_list("revision", "code")
    shared = sharing((articles[pk], code) for pk, code in rows if pk in articles)
    names = {code.pk: code.usual_value for code in Code.objects.filter(pk__in=codes).order_by()}
    return {
        article: (strength, f"Both explain {listed([names[pk] for pk in its])}"[:80])
        for article, (strength, its) in shared.items()
    }


def by_topic(articles: dict[int, int], number: int) -> Part:
    """Also where a topic is only the second place of one of the two."""
    rows = [
        *Article.objects.order_by().values_list("pk", "topic"),
        *Article.also_in.through.objects.values_list("article", "topic"),
    ]
    mine, others = {topic for article, topic in rows if article == number}, set(articles.values())
    shared = sharing((article, topic) for article, topic in set(rows) if article in others and topic in mine)
    return {article: (strength, "In the same topic") for article, (strength, _) in shared.items()}


def by_causes(articles: dict[int, int], codes: list[int]) -> Part:
    names = dict(Cause.objects.filter(codes__in=codes).order_by().values_list("pk", "name"))
    causes = defaultdict(set)
    for code, cause in CodeCause.objects.filter(cause__in=names).order_by().values_list("code", "cause"):
        causes[code].add(cause)
    rows = Revision.codes.through.objects.filter(code__in=causes).values_list("revision", "code")
    pairs = {(articles[pk], cause) for pk, code in rows if pk in articles for cause in causes[code]}
    return {
        article: (strength, f"Same cause: {names[its[0]]}"[:80])
        for article, (strength, its) in sharing(pairs).items()
    }


def by_text(articles: dict[int, int], revision: int) -> Part:
    """Squared, because common words make all articles a little alike."""
    title, summary = Revision.objects.values_list("title", "summary").get(pk=revision)
    likeness = alike(f"{title} {summary}", "article", LIKEST)
    return {
        articles[pk]: (like**2, "About something similar") for pk, like in likeness.items() if pk in articles
    }


def sharing(rows: Iterable[tuple[int, int]]) -> dict[int, tuple[float, list[int]]]:
    """{article: (strength, what it shares, rarest first)} from (article, thing) rows.

    What one other article has ties fully, what twenty have little; several ties are stronger than the strongest of them.
    """
    things: defaultdict[int, list[int]] = defaultdict(list)
    owners: Counter[int] = Counter()
    for article, thing in rows:
        things[article].append(thing)
        owners[thing] += 1
    return {
        article: (
            joined(1 / (1 + log2(owners[thing])) for thing in its),
            sorted(its, key=lambda thing: (owners[thing], thing)),
        )
        for article, its in things.items()
    }


def joined(strengths: Iterable[float]) -> float:
    slack = 1.0
    for strength in strengths:
        slack *= 1 - strength
    return 1 - slack


def listed(names: list[str], most: int = 3) -> str:
    """“550”, “550 and 5.1.1”, “550, 5.1.1, 5.2.2 and 4 more”."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    *first, last = [*names[:most], *more]
    return f"{', '.join(first)} and {last}" if first else last
