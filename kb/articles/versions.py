"""The versions of an article that matter now: what readers see, what waits for its moment, and the drafts."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kb.articles.models import Article, Revision
from kb.codes.dates import moment, moment_and_zone


@dataclass(frozen=True)
class Version:
    revision: Revision
    kind: str  # live, approved (nobody reads it now), waiting, draft or old

    @property
    def author(self):
        return str(self.revision.made_by or "Codebook")

    def __str__(self):
        return self.said(moment_and_zone)

    @property
    def short(self):
        """For a list that names the time zone once."""
        return self.said(moment)

    def said(self, moment):
        facts = {
            "who": self.author,
            "made": moment(self.revision.made_at),
            "day": moment(self.revision.made_at).partition(",")[0],
            "at": self.revision.publish_at and moment(self.revision.publish_at),
        }
        words = {
            "live": _("Live words, by %(who)s, since %(at)s"),
            "approved": _("Approved words by %(who)s that nobody can read now"),
            "waiting": _("Version of %(day)s by %(who)s goes live on %(at)s"),
            "draft": _("Draft by %(who)s since %(made)s"),
            "old": _("Old words by %(who)s of %(made)s"),
        }
        return words[self.kind] % facts


def versions_of(article: Article) -> list[Version]:
    """Of those at hand: the words approved last, what waits, the earliest first, and drafts, the newest first."""
    revisions = list(article.revisions.all())
    waiting = sorted((its for its in revisions if its.is_waiting), key=lambda its: (its.publish_at, its.pk))
    live = "live" if article.state == Article.State.PUBLISHED else "approved"
    return [
        *([Version(article.shown, live)] if article.shown else []),
        *(Version(its, "waiting") for its in waiting),
        *(Version(its, "draft") for its in revisions if its.is_draft),
    ]


def version_to_open(article: Article, number: str | None = None) -> Version | None:
    """The one asked for; else the safe one: what readers see, so that a correction publishes nothing else with it.

    Where nobody reads anything, the newest draft, what waits, or the last words there are.
    """
    article = Article.objects.get(
        pk=article.pk
    )  # an article of the history or of a filled form stands in no table
    versions = versions_of(article)
    if number and number.isdecimal() and len(number) < 19:
        asked = {version.revision.pk: version for version in versions}.get(int(number))
        if asked or (old := article.revisions.filter(pk=number).first()) is None:
            return asked or version_to_open(article)
        return Version(old, "old")
    for kind in ("live", "draft", "waiting", "approved"):
        for version in versions:
            if version.kind == kind:
                return version
    return Version(article.newest, "old") if article.newest else None


def successor(revision: Revision) -> Revision:
    """What a form that was opened on these words has to be compared with: a draft's newer save, or what readers see now."""
    while revision.replaced and (newer := Revision.objects.filter(base=revision).order_by("-pk").first()):
        revision = newer
    is_public = revision.approved_at is not None and not revision.is_waiting
    return (revision.article.revisions.shown().first() if is_public else None) or revision


def is_behind(article: Article, revision: Revision) -> bool:
    """Whether readers have newer words than those that this version was made from."""
    shown = article.revisions.shown().first()
    if shown is None or shown == revision:
        return False
    base = revision.base
    if base is None:
        return revision.pk < shown.pk
    while base and base != shown:
        base = base.base
    return base is None


def standing(article: Article) -> list[str]:
    """Where the article stands and for whom, in short lines for a list."""
    readers = article.get_audience_display()
    shown = article.shown
    if article.state == Article.State.ARCHIVED:
        state = _("Archived")
    elif article.is_shown:
        state = _("Live since %(at)s. For: %(readers)s") % {
            "at": moment(shown.publish_at),
            "readers": readers,
        }
    else:
        state = _("Not public. For: %(readers)s") % {"readers": readers}
    others = [version.short for version in versions_of(article) if version.kind in {"waiting", "draft"}]
    return [state, *others]
