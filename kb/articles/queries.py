"""Questions about articles; `visible_to` alone decides who may read what."""

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Now

from kb.accounts import roles

AUDIENCES = {
    roles.VISITOR: ["public"],
    roles.CUSTOMER: ["public", "customers"],
    roles.AGENT: ["public", "customers", "agents"],
}


def audiences(user):
    return AUDIENCES[min(roles.role_of(user), roles.AGENT)]


class RevisionQuerySet(models.QuerySet):
    def approved(self):
        return self.filter(approved_at__isnull=False)

    def due(self):
        """Approved, and its moment has come; decided when read, so that no schedule waits for a worker."""
        return self.approved().filter(publish_at__lte=Now())

    def shown(self):
        """What readers see: the newest due revision of each article."""
        newer = self.model.objects.due().filter(article=OuterRef("article"), pk__gt=OuterRef("pk"))
        return self.due().filter(~Exists(newer))

    def without_text(self):
        return self.defer("body", "html", "plain")


class ArticleQuerySet(models.QuerySet):
    def published(self):
        shown = self._revisions().due().filter(article=OuterRef("pk"))
        return self.filter(Exists(shown), state="published")

    def visible_to(self, user):
        """Agents also see what is not published yet; the archive is for the admin alone."""
        if roles.is_agent(user):
            return self.exclude(state="archived")
        return self.published().filter(audience__in=audiences(user))

    def citing(self, code):
        """Those whose shown revision names this code."""
        return self.filter(Exists(self._revisions().shown().filter(article=OuterRef("pk"), codes=code)))

    def in_topic(self, topic):
        return self.filter(Q(topic=topic) | Q(also_in=topic)).distinct()

    def about_cause(self, cause):
        """Those that name a code of this cause, the most such codes first."""
        shown = self._revisions().shown()
        return (
            self.filter(revisions__in=shown, revisions__codes__causes=cause)
            .annotate(named=Count("revisions__codes", distinct=True))
            .order_by("-named", "pk")
        )

    def related_to(self, article):
        """By hand first."""
        links = article.related_links.model.objects.filter(article=article, other=OuterRef("pk"))
        return (
            self.filter(Exists(links))
            .annotate(why=Subquery(links.values("why")[:1]), place=Subquery(links.values("position")[:1]))
            .order_by("place", "pk")
        )

    def for_list(self):
        """With what a list shows of each: title, summary, topic."""
        return self.select_related("topic").prefetch_related(
            self._shown(self._revisions().shown().without_text())
        )

    def for_page(self):
        return self.select_related("topic__parent").prefetch_related(self._shown(self._revisions().shown()))

    def recently_reviewed(self):
        return self.filter(reviewed_on__isnull=False).order_by("-reviewed_on", "pk")

    def _revisions(self):
        return self.model._meta.get_field("revisions").related_model.objects

    def _shown(self, revisions):
        return Prefetch("revisions", revisions, to_attr="shown_revisions")
