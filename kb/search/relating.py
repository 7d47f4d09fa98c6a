"""Related articles: which, in what order, and why. Computed when words are published, never when they are read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log2

from django.db import transaction

from kb.articles.models import Related, Revision
from kb.codes.models import Cause, Code
from kb.delivery.models import told_together
from kb.search.index import alike
from kb.search.neighbours import Neighbours, articles_of, revision_of

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
    revision = revision_of(number)
    if revision is None:
        return []
    likeness = by_text(revision)
    likeness.pop(number, None)
    others = Neighbours(number, revision)
    others.complete(likeness)
    parts = (  # the first that applies is the reason given
        (CODES, by_codes(others)),
        (TOPIC, by_topic(others)),
        (CAUSES, by_causes(others)),
        (TEXT, likeness),
    )
    return sorted(joint(parts), key=lambda tie: (-tie.score, tie.article))


def joint(parts: Iterable[tuple[float, Part]]) -> Iterator[Tie]:
    scores: defaultdict[int, float] = defaultdict(float)
    reasons: dict[int, str] = {}
    for weight, part in parts:
        for article, (strength, why) in part.items():
            scores[article] += weight * strength
            reasons.setdefault(article, why)
    return (Tie(article, score, reasons[article]) for article, score in scores.items() if score >= LEAST)


# Each way of being tied


def by_codes(others: Neighbours) -> Part:
    names = {code.pk: code.usual_value for code in Code.objects.filter(pk__in=others.codes).order_by()}
    return {
        article: (strength, f"Both explain {listed([names[pk] for pk in its])}"[:80])
        for article, (strength, its) in sharing(*others.having("code")).items()
    }


def by_topic(others: Neighbours) -> Part:
    """Also where a topic is only the second place of one of the two."""
    shared = sharing(*others.having("topic"))
    return {article: (strength, "In the same topic") for article, (strength, _) in shared.items()}


def by_causes(others: Neighbours) -> Part:
    names = dict(Cause.objects.filter(pk__in=others.causes).order_by().values_list("pk", "name"))
    return {
        article: (strength, f"Same cause: {names[its[0]]}"[:80])
        for article, (strength, its) in sharing(*others.having("cause")).items()
    }


def by_text(revision: int) -> Part:
    """Squared, because common words make all articles a little alike."""
    title, summary = Revision.objects.values_list("title", "summary").get(pk=revision)
    likeness = alike(f"{title} {summary}", "article", LIKEST)
    return {
        article: (likeness[pk] ** 2, "About something similar")
        for pk, article in articles_of(likeness).items()
    }


def sharing(rows: Iterable[tuple[int, int]], owners: Mapping[int, int]) -> dict[int, tuple[float, list[int]]]:
    """{article: (strength, what it shares, rarest first)} from (article, thing) rows and how many have each thing.

    What one other article has ties fully, what twenty have little; several ties are stronger than the strongest of them.
    """
    things: defaultdict[int, list[int]] = defaultdict(list)
    for article, thing in rows:
        things[article].append(thing)
    strength = {thing: 1 / (1 + log2(many)) for thing, many in owners.items()}
    return {
        article: (
            joined(strength[thing] for thing in its),
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
