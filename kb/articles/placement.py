"""Where an article stands and who may read it, as values that can wait with a draft and go live with its words.

A placement is a dictionary of those of `NAMES` that differ from the article: rows by their numbers, days as 2026-11-23,
related lines as [article, why, position].
"""

from datetime import date

from django.contrib.auth import get_user_model

from kb.articles.models import Article, Related, Revision, Tag, Topic

NAMES = {
    "audience": "Audience",
    "slug": "Address name",
    "topic": "Main topic",
    "also_in": "Also in",
    "tags": "Tags",
    "related": "Related articles",
    "reviewed_on": "Reviewed on",
    "reviewed_by": "Reviewed by",
}
LISTS = {"also_in": Topic, "tags": Tag}
WIDTH = {audience: place for place, audience in enumerate(reversed(Article.Audience.values))}


def of(article: Article) -> dict:
    """What the article has now."""
    links = Related.objects.filter(article=article, by_hand=True).order_by("position", "pk")
    return {
        "audience": str(article.audience),
        "slug": article.slug,
        "topic": article.topic_id,
        "also_in": sorted(article.also_in.values_list("pk", flat=True)),
        "tags": sorted(article.tags.values_list("pk", flat=True)),
        "related": [list(link) for link in links.values_list("other", "why", "position")],
        "reviewed_on": article.reviewed_on and article.reviewed_on.isoformat(),
        "reviewed_by": article.reviewed_by_id,
    }


def differing(article: Article, wanted: dict) -> dict:
    """What of this the article does not have."""
    now = of(article)
    return {name: value for name, value in wanted.items() if value != now[name]}


def apply(article: Article, changes: dict) -> None:
    """Give the article what it does not have yet; what was deleted or taken by another one meanwhile is left out."""
    changes = {
        name: value for name, value in differing(article, changes).items() if _fits(article, name, value)
    }
    # The table of an article's history has no lists, so its line says in words what became of them.
    lists = {name: changes[name] for name in changes.keys() & {"related", *LISTS}}
    said = "; ".join(f"{name}: {before} → {after}" for name, before, after in described(article, lists))
    for name in changes.keys() & {"audience", "slug"}:
        setattr(article, name, changes[name])
    for name in changes.keys() & {"topic", "reviewed_by"}:
        setattr(article, f"{name}_id", changes[name])
    if "reviewed_on" in changes:
        day = changes["reviewed_on"]
        article.reviewed_on = day and date.fromisoformat(day)
    if changes:
        article._change_reason = said[:100]
        article.save(update_fields=changes.keys() - lists.keys() or {"slug"})  # for the line of history
    for name in changes.keys() & LISTS.keys():
        getattr(article, name).set(LISTS[name].objects.filter(pk__in=changes[name]))
    if "related" in changes:
        _relate(article, changes["related"])


def keep_narrow(article: Article, before: str, besides: Revision | None = None) -> bool:
    """Words written for fewer readers stay for those: a wider audience is chosen for each version by itself.

    True if there are such words.
    """
    if WIDTH[article.audience] <= WIDTH[before]:
        return False
    pending = article.revisions.pending().exclude(pk=besides and besides.pk)
    narrow = [revision for revision in pending if "audience" not in (revision.placement or {})]
    for revision in narrow:
        revision.placement = {**(revision.placement or {}), "audience": before}
        revision.save(update_fields=["placement"])
    return bool(narrow)


def described(article: Article, changes: dict) -> list[tuple[str, str, str]]:
    """(name, before, after) for people, of what the article does not have."""
    now = of(article)
    changes = differing(article, changes)
    return [
        (label, _in_words(name, now[name]), _in_words(name, changes[name]))
        for name, label in NAMES.items()
        if name in changes
    ]


def leads_to(slug: str, besides: Article) -> Article | None:
    """Another article to which this address leads, also as a former one or as one that waits with a draft."""
    others = Article.objects.exclude(pk=besides.pk)
    waiting = Revision.objects.pending().filter(placement__slug=slug)
    return others.at(slug) or others.filter(pk__in=waiting.values("article")).first()


def _fits(article, name, value):
    if name == "slug":
        return not Article.objects.filter(slug=value).exclude(pk=article.pk).exists()
    if name == "topic":
        return Topic.objects.filter(pk=value).exists()
    if name == "reviewed_by":
        return value is None or get_user_model().objects.filter(pk=value).exists()
    return True


def _relate(article, lines):
    """The lines chosen by hand; one that stays is the same row."""
    own = Related.objects.filter(article=article, by_hand=True)
    own.exclude(other__in=[other for other, _, _ in lines]).delete()
    there = set(Article.objects.filter(pk__in=[other for other, _, _ in lines]).values_list("pk", flat=True))
    for other, why, position in lines:
        if other in there:
            own.update_or_create(
                article=article, other_id=other, by_hand=True, defaults={"why": why, "position": position}
            )


def _in_words(name, value):
    if not value:
        return "none"
    if name == "audience":
        return str(Article.Audience(value).label)
    if name == "topic":
        value = [value]
    if name == "reviewed_by":
        return str(get_user_model().objects.filter(pk=value).first() or "somebody who is gone")
    if name == "related":
        titles = {
            article.pk: str(article) for article in Article.objects.filter(pk__in=[line[0] for line in value])
        }
        return "; ".join(
            f"{titles.get(other, 'gone')}{f' ({why})' if why else ''}" for other, why, _ in value
        )
    if name in {"topic", *LISTS}:
        return ", ".join(str(row) for row in LISTS.get(name, Topic).objects.filter(pk__in=value))
    return f"/kb/{value}/" if name == "slug" else str(value)
